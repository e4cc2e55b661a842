import type { Digest } from '../../shared/digest.ts';
import type { NamedObject } from '../collection.ts';
import { curatedColumns, identityOf } from '../dataset-spec.ts';
import { checkDatasetSize } from '../file-size.ts';
import type { BreachCount, FileCheck, Refined, RefinedPart, RefineRequest } from '../ports.ts';
import { MAX_ROWS_SHOWN, MAX_SAMPLE } from '../ports.ts';
import { refusalOf } from '../refusal.ts';
import { sqlFiles, sqlName } from '../sql-text.ts';
import { downloadFiles } from './curated-files.ts';
import { type Breaches, readBreachedRows, readBreaches } from './duckdb-breaches.ts';
import { checkAnonymity, checkApart, checkFile } from './duckdb-file-checks.ts';
import { blame, type Disputes, settleIdentity } from './duckdb-identity.ts';
import { type LocalFile, orderedFiles, uploadFiles, withoutReplaced } from './duckdb-parquet.ts';
import type { Part } from './duckdb-pass.ts';
import { profileFiles } from './duckdb-profile.ts';
import type { Exact } from './duckdb-reading.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { Workshop } from './workshop.ts';

/** What is known of a file's rows before they are held against each other and against the dataset. */
export interface Settling {
  raw: { bytes: number; sha256: Digest };
  parts: Part[];
  /** Absent where the file's rows were read elsewhere. */
  exact?: Exact;
  /** Of the parts of a file that were read elsewhere. */
  before: Pick<RefinedPart, 'rows' | 'counts' | 'sample' | 'sampleRows'>;
}

export const NOTHING_BEFORE: Settling['before'] = {
  rows: { given: 0, broken: 0 },
  counts: [],
  sample: [],
  sampleRows: [],
};

/**
 * Holds the rows of a file against each other and against the dataset, and makes of those that stay the files and the
 * profile of its next version. Nothing is uploaded of a file that is refused.
 */
export async function settle(workshop: Workshop, request: RefineRequest, settling: Settling): Promise<Refined> {
  const { duckdb, folder, curated } = workshop;
  const { spec, parent } = request;
  const { raw, parts, exact } = settling;
  checkDatasetSize(spec.dataset, parent?.files ?? []);
  const there = parent ? await downloadFiles(workshop, parent, parent.files) : [];
  const disputes = await settleIdentity(duckdb, { parts, parent: spec.snapshot ? [] : there, spec, exact });
  await findDoubles(duckdb, parts, request, disputes, exact);
  let files = await orderedFiles(duckdb, { parts, disputes, spec, folder });
  const anonymity = await checkAnonymity(duckdb, spec, files);
  if (anonymity && !anonymity.passed && anonymity.level === 'quarantine') {
    const columns = spec.anonymity?.columns ?? [];
    await blame(duckdb, { parts, spec, exact }, columns, 'anonymity', 'small_groups', disputes);
    disputes.exclusions.push({ table: 'small_groups', columns });
    files = await orderedFiles(duckdb, { parts, disputes, spec, folder });
  }
  const report = await reportOn(duckdb, request, settling, files, anonymity);
  if (refusalOf(report, spec)) return { ...report, files: [], superseded: [], columns: {} };

  if (disputes.replaced) disputes.replaced = await stillReplaced(duckdb, spec, disputes.replaced, files);
  const change = await changeOf(duckdb, request, { files, there, disputes, folder });
  await checkApart(duckdb, spec, change.whole);
  if (request.requireObjects) await request.requireObjects(await objectsIn(duckdb, change.fresh));
  const fresh = change.fresh.reduce((sum, { rows }) => sum + rows, 0);
  const uploaded = await uploadFiles(curated, { workspace: request.workspace, dataset: spec.dataset }, change.added);
  const changed = uploaded.length > 0 || change.superseded.length > 0;
  const { given, broken } = report.rows;
  const whole = change.whole.map(({ local }) => local);
  const profile = changed ? await profileFiles(duckdb, curatedColumns(spec.columns), whole) : undefined;
  return {
    ...report,
    raw,
    rows: { given, broken, repeated: given - broken - fresh, fresh, replaced: change.replaced },
    files: uploaded,
    superseded: change.superseded,
    columns: profile?.columns ?? {},
    ...(profile?.correlations && { correlations: profile.correlations }),
  };
}

/** Of the identities that give way, those whose new rows stay after all: a row that is set aside takes no other's place. */
async function stillReplaced(
  duckdb: DuckdbSession,
  { columns }: RefineRequest['spec'],
  replaced: string,
  files: readonly LocalFile[],
): Promise<string> {
  const ids = identityOf(curatedColumns(columns)).map(sqlName).join(', ');
  const stay =
    files.length > 0 ? `read_parquet(${sqlFiles(files.map(({ local }) => local))})` : `(FROM ${replaced} WHERE false)`;
  await duckdb.run(`CREATE TABLE still_${replaced} AS FROM ${replaced} SEMI JOIN ${stay} USING (${ids})`);
  return `still_${replaced}`;
}

/** The objects that rows of a collection name, each once. */
async function objectsIn(duckdb: DuckdbSession, files: readonly LocalFile[]): Promise<NamedObject[]> {
  if (files.length === 0) return [];
  return duckdb.rows<NamedObject>(`SELECT DISTINCT sha256, bytes::DOUBLE AS bytes
    FROM read_parquet(${sqlFiles(files.map(({ local }) => local))}) ORDER BY sha256`);
}

async function reportOn(
  duckdb: DuckdbSession,
  request: RefineRequest,
  { raw, parts, exact, before }: Settling,
  files: LocalFile[],
  anonymity: FileCheck | undefined,
): Promise<Omit<Refined, 'files' | 'superseded' | 'columns'>> {
  const found = await readBreaches(duckdb);
  const good = parts.reduce((sum, { rows }) => sum + rows, 0);
  const given = exact ? good + found.unread : before.rows.given;
  const checks = [...(await checkFile(duckdb, request, files, given)), ...(anonymity ? [anonymity] : [])];
  const shown = exact?.source ? await readBreachedRows(duckdb, exact.source, request.spec) : [];
  return {
    raw,
    rows: { given, broken: before.rows.broken + found.broken, repeated: 0, fresh: 0, replaced: 0 },
    ...joined(before, found),
    sampleRows: [...before.sampleRows, ...shown].slice(0, MAX_ROWS_SHOWN),
    checks,
  };
}

function joined(before: Settling['before'], found: Breaches): Pick<Refined, 'counts' | 'sample'> {
  const counts = new Map<string, BreachCount>();
  for (const count of [...before.counts, ...found.counts]) {
    const key = JSON.stringify([count.column, count.rule, count.level]);
    counts.set(key, { ...count, rows: count.rows + (counts.get(key)?.rows ?? 0) });
  }
  return {
    counts: [...counts.values()].sort((a, b) => b.rows - a.rows || (a.column < b.column ? -1 : 1)),
    sample: [...before.sample, ...found.sample].slice(0, MAX_SAMPLE),
  };
}

/** Checks of the spec that no two rows of the file have the same values. */
async function findDoubles(
  duckdb: DuckdbSession,
  parts: readonly Part[],
  { spec }: RefineRequest,
  disputes: Disputes,
  exact: Exact | undefined,
): Promise<void> {
  if (parts.length === 0) return;
  for (const check of spec.checks ?? []) {
    if (check.rule !== 'unique') continue;
    const table = `"_doubles_${check.name}"`;
    const names = check.columns.map((name) => `"${name}"`).join(', ');
    const there = check.columns.map((name) => `"${name}" IS NOT NULL`).join(' AND ');
    await duckdb.run(`CREATE TABLE ${table} AS SELECT ${names} FROM read_parquet(${sqlFiles(parts.flatMap(({ files }) => files))})
      WHERE ${there} GROUP BY ${names} HAVING count(*) > 1`);
    const [{ n } = { n: 0 }] = await duckdb.rows<{ n: number }>(`SELECT count(*)::DOUBLE AS n FROM ${table}`);
    if (n === 0) continue;
    await blame(duckdb, { parts, spec, exact }, check.columns, 'unique', table, disputes, check);
    if (check.level === 'quarantine') disputes.exclusions.push({ table, columns: check.columns });
  }
}

interface Change {
  /** Files with rows that the dataset does not have. */
  fresh: LocalFile[];
  /** Files that the dataset does not have yet: also what is left of those that some rows went from. */
  added: LocalFile[];
  superseded: string[];
  replaced: number;
  /** Every file of the dataset as it would be, in the order of its manifest. */
  whole: { path: string; split: string; local: string }[];
}

async function changeOf(
  duckdb: DuckdbSession,
  { spec, parent }: RefineRequest,
  { files, there, disputes, folder }: { files: LocalFile[]; there: string[]; disputes: Disputes; folder: string },
): Promise<Change> {
  const known = (parent?.files ?? []).map((file, i) => ({ ...file, local: there[i] as string }));
  const fresh = files.filter(({ path }) => !known.some((file) => file.path === path));
  const rewritten =
    disputes.replaced && parent
      ? await withoutReplaced(duckdb, { replaced: disputes.replaced, parent, local: there, spec, folder })
      : { files: [], superseded: [], rows: 0 };
  const goes = spec.snapshot
    ? ({ path }: { path: string }) => !files.some((file) => file.path === path)
    : ({ path }: { path: string }) => rewritten.superseded.includes(path);
  const gone = known.filter(goes);
  const added = [...fresh, ...rewritten.files];
  return {
    fresh,
    added,
    superseded: gone.map(({ path }) => path),
    replaced: spec.snapshot ? gone.reduce((sum, { rows }) => sum + rows, 0) : rewritten.rows,
    whole: [...known.filter((file) => !goes(file)), ...added].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}
