import { randomUUID } from 'node:crypto';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { waitFor } from '../wait.ts';
import type { QueryResult } from './local-session.ts';
import { plainValue } from './plain-value.ts';

export interface AthenaContext {
  api: ApiClient;
  progress: (text: string) => void;
  signal?: AbortSignal;
}

/** Runs a query in Athena, through the platform's API: nothing is downloaded but the result. */
export async function queryAthena(
  { api, progress, signal }: AthenaContext,
  { sql, limit }: { sql: string; limit: number },
): Promise<QueryResult & { bytesScanned?: number }> {
  // One token for all attempts of this call: a start that was answered late is not a second query.
  const { queryId } = await api.call(DataRoutes.startQuery, { sql: pinned(sql), token: randomUUID() });
  const ask = async () => {
    const state = await api.call(DataRoutes.showQuery, { queryId });
    progress(`query ${queryId} is ${state.status}`);
    return state;
  };
  const ended = await waitFor(ask, ({ status }) => status !== 'running', { signal, what: `query ${queryId}` });
  if (ended.status === 'failed') throw SharedErrors.InvalidInput(`sql: ${ended.reason ?? `query ${queryId} failed`}`);
  const result: QueryResult = { columns: [], rows: [], truncated: false };
  for (let after: string | undefined; ; ) {
    const page = await api.call(DataRoutes.listQueryRows, { queryId, after });
    result.columns = page.columns;
    result.rows.push(...page.rows.map((row) => row.map((value, i) => plainValue(value, page.columns[i]?.type ?? ''))));
    progress(`${result.rows.length} rows`);
    after = page.next;
    if (!after || result.rows.length > limit) break;
  }
  return {
    ...result,
    rows: result.rows.slice(0, limit),
    truncated: result.rows.length > limit,
    ...(ended.bytesScanned !== undefined && { bytesScanned: ended.bytesScanned }),
  };
}

const VERSIONED = /"([a-z][a-z0-9-]{0,62})@([^"]*)"/g;

/** `"flights@3"` as Athena has it: a table has the newest version, and another one all of them (docs/decisions/0018). */
export function pinned(sql: string): string {
  return sql.replace(VERSIONED, (whole, dataset: string, version: string) => {
    const name = dataset.replaceAll('-', '_');
    if (version === 'latest') return `"${name}"`;
    if (/^[1-9]\d{0,8}$/.test(version)) return `(SELECT * FROM "_versions_of_${name}" WHERE "_version" = ${version})`;
    throw SharedErrors.InvalidInput(`sql: got ${whole}, Athena knows versions by their number, or latest`);
  });
}
