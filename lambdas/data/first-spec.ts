import type { Column, ColumnRole } from './dataset-spec.ts';
import { applyProposals } from './edit-spec.ts';
import { DataErrors } from './errors.ts';
import { inferRules } from './infer-rules.ts';
import type { ColumnProfile } from './profile.ts';
import { parseDatasetSpec } from './spec-text.ts';
import { flowText } from './yaml-text.ts';

/** What a file of unknown form shows. */
export interface FileSeen {
  dataset: string;
  owner: string;
  /** The file's name, for people. */
  source: string;
  rows: number;
  /** In the file's order. */
  columns: Record<string, ColumnProfile & Pick<Column, 'pattern'>>;
  /** Pairs of another column and a day or time that no two rows share. */
  series: readonly (readonly [group: string, time: string])[];
  /** Days and times that no two rows share. */
  times: readonly string[];
  /** From which day on about a fifth of the rows are, by column. */
  lastFifth: Readonly<Record<string, string>>;
  format?: Readonly<Record<string, string>>;
}

const TEMPORAL = ['date', 'timestamp'];
const NAMES_ROWS = /(^|[_ .-])(id|key|uuid|guid|no|nr|number)$/i;
/** What such a column holds most likely names a person. */
const PERSONAL = /e-?mail|phone|surname|(first|last|full|user|patient)[_ ]?name|\bssn\b|passport|birth|iban|address/i;

/**
 * A first spec of a file that every row of it keeps: types as they are written, a key only where its name or place and its values
 * agree, a split by time where there is a day. What is a target nobody can guess.
 * @throws InvalidInput when nothing can tell the rows apart that train from those that judge
 */
export function firstSpec(file: FileSeen): string {
  const roles = rolesOf(file);
  const text = [
    `# A first spec of ${file.source}, inferred from its ${file.rows} rows. Say what you know better: units, targets,`,
    '# whom a row is about (role: subject), and what must not be kept as it is (privacy).',
    'schema: millrace/dataset/1',
    `dataset: ${flowText(file.dataset)}`,
    `owner: ${flowText(file.owner)}`,
    `source: ${flowText(file.source)}`,
    ...(file.format ? [`format: ${flowText(file.format)}`] : []),
    'columns:',
    ...Object.entries(file.columns).flatMap(([name, { type, pattern }]) => [
      ...(PERSONAL.test(name) ? ['  # Reads like something personal: role subject, or privacy?'] : []),
      `  ${flowText(name)}: ${flowText({ type, role: roles[name], pattern })}`,
    ]),
    `split: ${flowText(splitOf(file, roles))}`,
    '',
  ].join('\n');
  const spec = parseDatasetSpec(text);
  return applyProposals(text, inferRules(spec, [{ rows: file.rows, columns: file.columns }]));
}

function rolesOf({ rows, columns, series, times }: FileSeen): Record<string, ColumnRole> {
  const roles: Record<string, ColumnRole> = {};
  for (const name of Object.keys(columns)) roles[name] = 'feature';
  const whole = Object.keys(columns).filter((name) => columns[name]?.nulls === 0);
  const [time] = times;
  const [pair] = series;
  const [first] = Object.keys(columns);
  const differing = whole.filter((name) => {
    const { type, distinct } = columns[name] as ColumnProfile;
    return (type === 'string' || type === 'integer') && distinct === rows;
  });
  // Files tend to begin with what names their rows; where there is a series, that names them better.
  const leading = differing.find((name) => name === first && !time && !pair);
  const key = differing.find((name) => NAMES_ROWS.test(name)) ?? leading;
  if (key) {
    roles[key] = 'key';
    const day = whole.find((name) => TEMPORAL.includes(columns[name]?.type ?? ''));
    if (day) roles[day] = 'timestamp';
  } else if (time) roles[time] = 'timestamp';
  else if (pair) {
    roles[pair[0]] = 'group';
    roles[pair[1]] = 'timestamp';
  }
  return roles;
}

function splitOf({ columns, lastFifth, source }: FileSeen, roles: Record<string, ColumnRole>): object {
  const having = (role: ColumnRole) => Object.keys(roles).find((name) => roles[name] === role);
  const days = Object.keys(columns).filter((name) => columns[name]?.nulls === 0 && lastFifth[name]);
  const time = having('timestamp');
  const by = time && lastFifth[time] ? time : days[0];
  if (by) return { by, testFrom: lastFifth[by] };
  const key = having('key');
  if (key) return { by: key, testPercent: 20, ...(time && { acrossTime: true }) };
  throw DataErrors.DatasetSpecInvalid(
    `file: got ${source}, none of its columns is a day, and none that differs in every row comes first or is named like a key; a split needs one`,
  );
}
