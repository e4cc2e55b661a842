import { DataErrors } from '../errors.ts';
import { INNER_KEY, isPrivate, needsKey, OUTER_KEY, paddedKeys } from '../kept-value.ts';
import type { RefineRequest } from '../ports.ts';
import { findBreaches, openBreaches, readingFailure } from './duckdb-breaches.ts';
import { prepareChecks } from './duckdb-checks.ts';
import { type Passed, passOver } from './duckdb-pass.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { OpenFile, Source } from './duckdb-source.ts';
import { parquetFailure } from './parquet-source.ts';
import type { Workshop } from './workshop.ts';

/** Says which rows are broken by themselves, once, and only if someone asks. */
export interface Exact {
  (): Promise<Source>;
  /** Set where someone has asked. */
  source?: Source;
}

export interface ReadRows {
  passed: Passed;
  exact: Exact;
}

/** Reads a file's rows: those that may be taken lie in the folder afterwards, the others are known by what they break. */
export async function readRows(workshop: Workshop, request: RefineRequest, open: OpenFile): Promise<ReadRows> {
  const { duckdb, folder } = workshop;
  const { spec } = request;
  await openBreaches(duckdb);
  await prepareChecks(workshop, request.references, spec, open.fast.cells);
  await openKey(workshop, request);
  const passed = await passOver(duckdb, open.fast, spec, folder).catch((cause: unknown) => {
    // A file that ends in the middle of being read is no file of its kind.
    throw open.kind === 'parquet' ? parquetFailure(cause) : readingFailure(cause, isPrivate(spec.columns));
  });
  const exact: Exact = async () => {
    if (!exact.source) {
      await findBreaches(duckdb, open.exact, spec);
      exact.source = open.exact;
    }
    return exact.source;
  };
  if (await mayHaveBreaches(duckdb, passed, open.fast, request)) await exact();
  return { passed, exact };
}

/** Whether the pass left rows out, or some rule only warns, so that the pass said nothing of it. */
async function mayHaveBreaches(
  duckdb: DuckdbSession,
  { odd }: Passed,
  { rejects }: Source,
  { spec: { columns, checks = [] } }: RefineRequest,
): Promise<boolean> {
  const warns = [...Object.values(columns), ...checks].some(({ level }) => level === 'warn');
  if (odd > 0 || warns) return true;
  if (!rejects) return false;
  const [{ n } = { n: 0 }] = await duckdb.rows<{ n: number }>(`SELECT count(*)::DOUBLE AS n FROM ${rejects}`);
  return n > 0;
}

/** @throws PseudonymKeyMissing where the stage has none */
async function openKey({ duckdb, pseudonymKey }: Workshop, { workspace, spec }: RefineRequest): Promise<void> {
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
