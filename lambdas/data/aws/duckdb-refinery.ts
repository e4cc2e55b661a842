import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStore } from '../../shared/objects.ts';
import { DataErrors } from '../errors.ts';
import { checkDatasetSize } from '../file-size.ts';
import { INNER_KEY, isPrivate, needsKey, OUTER_KEY, paddedKeys } from '../kept-value.ts';
import type { FetchRaw, FileCheck, PseudonymKey, Refine, Refined, RefineRequest } from '../ports.ts';
import { refusalOf } from '../refusal.ts';
import { downloadFiles } from './curated-files.ts';
import { findBreaches, openBreaches, readBreachedRows, readBreaches, readingFailure } from './duckdb-breaches.ts';
import { prepareChecks } from './duckdb-checks.ts';
import { checkAnonymity, checkApart, checkFile } from './duckdb-file-checks.ts';
import { blame, type Disputes, settleIdentity } from './duckdb-identity.ts';
import { type LocalFile, orderedFiles, uploadFiles, withoutReplaced } from './duckdb-parquet.ts';
import { type Passed, passOver } from './duckdb-pass.ts';
import { profileColumns } from './duckdb-profile.ts';
import { type DuckdbSession, openDuckdb } from './duckdb-session.ts';
import type { OpenFile, Source } from './duckdb-source.ts';
import { openRaw } from './open-raw.ts';
import { parquetFailure } from './parquet-source.ts';

export interface Zones {
  fetchRaw: FetchRaw;
  curated: ObjectStore;
  /** Absent where no dataset may have pseudonyms. */
  pseudonymKey?: PseudonymKey;
}

/** DuckDB behind the refine port: each call has a folder and a database of its own, and leaves neither. */
export function duckdbRefinery(zones: Zones): Refine {
  return async (request) => {
    const folder = await mkdtemp(join(tmpdir(), `millrace-ingest-${process.pid}-`));
    const duckdb = await openDuckdb(folder);
    try {
      return await refine(zones, duckdb, request, folder);
    } finally {
      duckdb.close();
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function refine(zones: Zones, duckdb: DuckdbSession, request: RefineRequest, folder: string): Promise<Refined> {
  const { spec, workspace, parent } = request;
  const { curated } = zones;
  checkDatasetSize(spec.dataset, parent?.files ?? []);
  await openBreaches(duckdb);
  const { raw, open } = await openRaw(duckdb, zones.fetchRaw, request, folder);
  await prepareChecks(duckdb, { curated, folder, references: request.references }, spec, open.fast.cells);
  await openKey(duckdb, zones, request);

  const passed = await passOver(duckdb, open.fast, spec, folder).catch((cause: unknown) => {
    throw failureOf(open, cause, spec);
  });
  const exact = exactOnce(duckdb, open, spec);
  if (await mayHaveBreaches(duckdb, passed, open.fast, request)) await exact();

  const before = await downloadFiles({ curated, folder }, parent as NonNullable<typeof parent>, parent?.files ?? []);
  const disputes = await settleIdentity(duckdb, {
    parts: passed.parts,
    parent: spec.snapshot ? [] : before,
    spec,
    exact,
  });
  await findDoubles(duckdb, passed, spec, disputes, exact);
  let files = await orderedFiles(duckdb, { parts: passed.parts, disputes, spec, folder });
  const anonymity = await checkAnonymity(duckdb, spec, files);
  if (anonymity && !anonymity.passed && anonymity.level === 'quarantine') {
    const columns = spec.anonymity?.columns ?? [];
    await blame(duckdb, { spec, exact }, columns, 'anonymity', 'small_groups');
    disputes.exclusions.push({ table: 'small_groups', columns });
    files = await orderedFiles(duckdb, { parts: passed.parts, disputes, spec, folder });
  }
  const good = passed.parts.reduce((sum, { rows }) => sum + rows, 0);
  const { counts, sample, broken } = await readBreaches(duckdb);
  const given = await recordsOf(duckdb, good);
  const checks: FileCheck[] = [...(await checkFile(duckdb, request, files, given)), ...(anonymity ? [anonymity] : [])];
  const report = {
    raw,
    counts,
    sample,
    sampleRows: counts.length > 0 && exact.source ? await readBreachedRows(duckdb, exact.source, spec) : [],
    checks,
  };
  const nothing = { files: [], superseded: [], columns: {} };
  if (refusalOf({ ...report, ...nothing, rows: { given, broken, repeated: 0, fresh: 0, replaced: 0 } }, spec))
    return { ...report, ...nothing, rows: { given, broken, repeated: 0, fresh: 0, replaced: 0 } };

  const change = await changeOf(duckdb, request, { files, before, disputes, folder });
  await checkApart(duckdb, spec, change.whole);
  const fresh = change.fresh.reduce((sum, { rows }) => sum + rows, 0);
  const uploaded = await uploadFiles(curated, { workspace, dataset: spec.dataset }, change.added);
  const changed = uploaded.length > 0 || change.superseded.length > 0;
  return {
    ...report,
    rows: { given, broken, repeated: given - broken - fresh, fresh, replaced: change.replaced },
    files: uploaded,
    superseded: change.superseded,
    columns: changed
      ? await profileColumns(
          duckdb,
          spec,
          change.whole.map(({ local }) => local),
        )
      : {},
  };
}

/** A file that ends in the middle of being read is no file of its kind. */
const failureOf = (open: OpenFile, cause: unknown, { columns }: RefineRequest['spec']): unknown =>
  open.kind === 'parquet' ? parquetFailure(cause) : readingFailure(cause, isPrivate(columns));

/** The breaches of a file are looked for once, and only if someone asks. */
function exactOnce(
  duckdb: DuckdbSession,
  open: OpenFile,
  spec: RefineRequest['spec'],
): (() => Promise<Source>) & { source?: Source } {
  const ask: (() => Promise<Source>) & { source?: Source } = async () => {
    if (!ask.source) {
      await findBreaches(duckdb, open.exact, spec);
      ask.source = open.exact;
    }
    return ask.source;
  };
  return ask;
}

/** Whether the pass left rows out, or some rule only warns, so that the pass said nothing of it. */
async function mayHaveBreaches(
  duckdb: DuckdbSession,
  { odd }: Passed,
  { rejects }: Source,
  { spec: { columns, checks = [] } }: RefineRequest,
): Promise<boolean> {
  const warns =
    Object.values(columns).some(({ level }) => level === 'warn') || checks.some(({ level }) => level === 'warn');
  if (odd > 0 || warns) return true;
  if (!rejects) return false;
  const [{ n } = { n: 0 }] = await duckdb.rows<{ n: number }>(`SELECT count(*)::DOUBLE AS n FROM ${rejects}`);
  return n > 0;
}

/** Records of the file: those that passed, and those that are broken by themselves. */
async function recordsOf(duckdb: DuckdbSession, good: number): Promise<number> {
  const [{ n } = { n: 0 }] = await duckdb.rows<{ n: number }>(
    `SELECT count(DISTINCT _row)::DOUBLE AS n FROM breaches WHERE level <> 'warn' AND rule NOT IN ('unique', 'conflict', 'anonymity')`,
  );
  return good + n;
}

/** Checks of the spec that no two rows of the file have the same values. */
async function findDoubles(
  duckdb: DuckdbSession,
  { parts }: Passed,
  spec: RefineRequest['spec'],
  disputes: Disputes,
  exact: () => Promise<Source>,
): Promise<void> {
  if (parts.length === 0) return;
  for (const check of spec.checks ?? []) {
    if (check.rule !== 'unique') continue;
    const table = `"_doubles_${check.name}"`;
    const names = check.columns.map((name) => `"${name}"`).join(', ');
    const files = parts.flatMap((part) => part.files.map((file) => `'${file}'`)).join(', ');
    const there = check.columns.map((name) => `"${name}" IS NOT NULL`).join(' AND ');
    await duckdb.run(
      `CREATE TABLE ${table} AS SELECT ${names} FROM read_parquet([${files}]) WHERE ${there} GROUP BY ${names} HAVING count(*) > 1`,
    );
    const [{ n } = { n: 0 }] = await duckdb.rows<{ n: number }>(`SELECT count(*)::DOUBLE AS n FROM ${table}`);
    if (n === 0) continue;
    await blame(duckdb, { spec, exact }, check.columns, 'unique', table, check);
    if (check.level === 'quarantine') disputes.exclusions.push({ table, columns: check.columns });
  }
}

interface Change {
  /** Files with rows of the file, those that the dataset has already included. */
  fresh: LocalFile[];
  /** Files that the dataset does not have yet. */
  added: LocalFile[];
  superseded: string[];
  replaced: number;
  /** Every file of the dataset as it would be, in the order of its manifest. */
  whole: { path: string; split: string; local: string }[];
}

async function changeOf(
  duckdb: DuckdbSession,
  { spec, parent }: RefineRequest,
  { files, before, disputes, folder }: { files: LocalFile[]; before: string[]; disputes: Disputes; folder: string },
): Promise<Change> {
  const known = new Map(parent?.files.map((file, i) => [file.path, { ...file, local: before[i] as string }]));
  const fresh = files.filter(({ path }) => !known.has(path));
  const rewritten =
    disputes.replaced && parent
      ? await withoutReplaced(duckdb, { replaced: disputes.replaced, parent, local: before, spec, folder })
      : { files: [], superseded: [], rows: 0 };
  const gone = spec.snapshot
    ? [...known.values()].filter(({ path }) => !files.some((file) => file.path === path))
    : [...known.values()].filter(({ path }) => rewritten.superseded.includes(path));
  const added = [...fresh, ...rewritten.files];
  const stays = [...known.values()].filter(({ path }) => !gone.some((file) => file.path === path));
  return {
    fresh,
    added,
    superseded: gone.map(({ path }) => path),
    replaced: spec.snapshot ? gone.reduce((sum, { rows }) => sum + rows, 0) : rewritten.rows,
    whole: [...stays, ...added].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** @throws ConfigurationInvalid where the stage has no key */
async function openKey(
  duckdb: DuckdbSession,
  { pseudonymKey }: Zones,
  { workspace, spec }: RefineRequest,
): Promise<void> {
  if (!needsKey(spec.columns)) return;
  if (!pseudonymKey)
    throw DataErrors.PseudonymKeyMissing(`dataset ${spec.dataset}: this stage has no key to make pseudonyms with`);
  const { inner, outer } = paddedKeys(await pseudonymKey(workspace, spec.dataset));
  const blob = (bytes: Uint8Array) => `unhex('${Buffer.from(bytes).toString('hex')}')`;
  try {
    await duckdb.run(`SET VARIABLE ${INNER_KEY} = ${blob(inner)}`);
    await duckdb.run(`SET VARIABLE ${OUTER_KEY} = ${blob(outer)}`);
  } catch {
    // Without its cause: that would quote the statement, and with it the key.
    throw DataErrors.PseudonymKeyMissing(`dataset ${spec.dataset}: its key could not be used`);
  }
}
