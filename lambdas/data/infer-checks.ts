import type { Check } from './check-spec.ts';
import { type DatasetSpec, identityOf, isTemporal } from './dataset-spec.ts';
import { roundedUp } from './human-number.ts';
import type { Proposal, VersionSeen } from './proposal.ts';

const HOUR = 3_600_000;
/** Fewer rows than this are no evidence that a column names them. */
const FEWEST_ROWS = 50;
/** Two of the steps between days or times, and one more, before a day may be missed without a word. */
const STEPS_LATE = 2;
/** Data that was this many steps old on arrival is an archive: nobody waits for its next day. */
const ARCHIVE_STEPS = 60;

/** Checks of files that versions show and the spec has not: one of a kind and column is enough. All of them warn. */
export function inferChecks(spec: DatasetSpec, versions: readonly VersionSeen[]): Proposal[] {
  const has = (rule: Check['rule'], column?: string) =>
    (spec.checks ?? []).some((check) => check.rule === rule && (!column || columnsOf(check).includes(column)));
  const names = new Set((spec.checks ?? []).map(({ name }) => name));
  const found: Proposal[] = [];
  const propose = (check: Check | undefined, reason: string) => {
    if (check) found.push({ check: { ...check, name: freeName(check.name, names) }, reason });
  };
  const [reference] = versions;
  const files = fileSizes(versions, spec.snapshot === true);
  for (const name of Object.keys(spec.columns).filter((each) => spec.columns[each]?.privacy?.action !== 'drop')) {
    const seen = reference?.columns[name];
    if (!seen) continue;
    if (!has('nulls', name)) propose(...nullsCheck(name, seen, Math.min(...files, reference.rows)));
    if (!has('unique', name)) propose(...uniqueCheck(spec, name, reference));
  }
  if (!has('rows')) propose(...rowsCheck(files));
  const time = Object.keys(spec.columns).find((name) => spec.columns[name]?.role === 'timestamp');
  if (time && !has('fresh') && !spec.columns[time]?.privacy) propose(...freshCheck(time, versions));
  return found;
}

const columnsOf = (check: Check): string[] =>
  check.rule === 'unique' ? check.columns : 'column' in check ? [check.column] : [];

type Found = [Check | undefined, string];
const NOTHING: Found = [undefined, ''];

/** The share that was seen, and four standard errors of it in a file of the smallest size that came. */
function nullsCheck(column: string, { nulls, count }: { nulls: number; count: number }, rows: number): Found {
  if (nulls === 0 || count === 0) return NOTHING;
  const share = nulls / (nulls + count);
  const most = share + 4 * Math.sqrt((share * (1 - share)) / Math.max(rows, 1));
  const atMostPercent = roundedUp(100 * most);
  if (atMostPercent >= 100) return NOTHING;
  return [
    { rule: 'nulls', name: `${slug(column)}-nulls`, column, atMostPercent, level: 'warn' },
    `${(100 * share).toFixed(2)} % of its fields are empty; files of ${rows} rows stay below ${atMostPercent} % by chance`,
  ];
}

function uniqueCheck({ columns }: DatasetSpec, name: string, { rows, columns: seen }: VersionSeen): Found {
  const { distinct, count = 0 } = seen[name] ?? {};
  const { type, role, privacy } = columns[name] ?? {};
  // Measured numbers may all differ by chance.
  const measured = role === 'feature' || role === 'target';
  const names = identityOf(columns).includes(name) || !(type === 'string' || (type === 'integer' && !measured));
  const changed = privacy && privacy.action !== 'pseudonym';
  if (names || changed || distinct !== rows || count !== rows || rows < FEWEST_ROWS) return NOTHING;
  return [
    { rule: 'unique', name: `${slug(name)}-unique`, columns: [name], level: 'warn' },
    `each of ${rows} rows has another value in ${name}`,
  ];
}

/** Rows that each file brought, newest first. What the versions before the oldest brought is not known. */
function fileSizes(versions: readonly VersionSeen[], snapshot: boolean): number[] {
  if (snapshot) return versions.map(({ rows }) => rows);
  return versions.slice(0, -1).map(({ rows }, i) => rows - (versions[i + 1]?.rows ?? 0));
}

function rowsCheck(files: readonly number[]): Found {
  if (files.length < 3 || files.some((rows) => rows <= 0)) return NOTHING;
  const changes = files.slice(0, -1).map((rows, i) => Math.abs(rows / (files[i + 1] as number) - 1));
  // Without the last digits, which are of the division: 110 rows after 100 are 10 % more.
  const largest = Number((100 * Math.max(...changes)).toPrecision(9));
  const deltaPercent = Math.max(10, roundedUp(Math.max(2 * largest, 1)));
  // A dataset whose files double and halve has no usual size.
  if (deltaPercent > 200) return NOTHING;
  return [
    { rule: 'rows', name: 'usual-size', deltaPercent, level: 'warn' },
    `the last ${files.length} files differ by ${largest.toFixed(1)} % at most from the one before`,
  ];
}

function freshCheck(column: string, versions: readonly VersionSeen[]): Found {
  const ends = versions.flatMap(({ columns, registeredAt }) => {
    const { type, max } = columns[column] ?? {};
    return type && isTemporal(type) && typeof max === 'string' && registeredAt
      ? [{ newest: Date.parse(max), registered: Date.parse(registeredAt) }]
      : [];
  });
  if (ends.length < 3) return NOTHING;
  const steps = ends.slice(0, -1).map(({ newest }, i) => newest - (ends[i + 1]?.newest ?? 0));
  const step = Math.max(...steps);
  const late = Math.max(...ends.map(({ newest, registered }) => registered - newest));
  // Files that bring old days, or all of them at once, have no rhythm to hold them to.
  if (steps.some((each) => each <= 0) || late < 0 || late > ARCHIVE_STEPS * step) return NOTHING;
  const withinHours = roundedUp((late + STEPS_LATE * step) / HOUR);
  return [
    { rule: 'fresh', name: 'newest-day', column, withinHours, level: 'warn' },
    `the newest value came ${roundedUp(Math.max(late / HOUR, 0.1))} hours late at most, and a newer one every ${roundedUp(step / HOUR)} hours`,
  ];
}

const slug = (name: string): string =>
  `c-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
    .replace(/^c-(?=[a-z])/, '')
    .replace(/-$/, '')
    .slice(0, 48);

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  taken.add(name);
  return name;
}
