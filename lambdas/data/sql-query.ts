import type { Clock } from '../shared/clock.ts';
import { ConditionUnmet, type Key, type Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';

/** How a query of the SQL engine stands. */
export interface QueryState {
  queryId: string;
  status: 'running' | 'succeeded' | 'failed';
  /** Why it failed, in the engine's words. */
  reason?: string;
  bytesScanned?: number;
}

/** A page of a result; values are plain JSON. */
export interface QueryRows {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  /** To ask with for the next page; absent on the last one. */
  next?: string;
}

/** The SQL engine beside the platform (Athena); it sees of a workspace what may be learned from, and nothing else. */
export interface SqlEngine {
  /** The same token is the same query. @throws QueryRefused when the engine cannot read it */
  start(query: { workspace: string; sql: string; token: string }): Promise<string>;
  state(workspace: string, queryId: string): Promise<QueryState>;
  rows(workspace: string, queryId: string, after?: string): Promise<QueryRows>;
}

export interface SqlQueryDeps {
  table: Table;
  engine: SqlEngine;
  clock: Clock;
}

interface Asked {
  workspace: string;
  sql: string;
  token: string;
  /** Who asked. */
  actor: string;
}

/** Where results go in their bucket: no workspace's name begins with an underscore. */
export const RESULTS_PREFIX = '_query-results/';
/** Days that a result is kept (the rule of the bucket), and that it is known whose it is. */
export const RESULT_DAYS = 7;

const queryKey = (ws: string, queryId: string): Key => ({ pk: `${ws}#query#${queryId}`, sk: 'fact' });

/** Starts a query, and remembers whose it is: an engine's ids are one account's, not one workspace's. */
export async function startQuery({ table, engine, clock }: SqlQueryDeps, asked: Asked): Promise<{ queryId: string }> {
  const { workspace, sql, token, actor } = asked;
  const queryId = await engine.start({ workspace, sql, token });
  const at = clock();
  const expiresAt = Math.floor(at.getTime() / 1000) + RESULT_DAYS * 24 * 3600;
  const put = { ...queryKey(workspace, queryId), queryId, actor, at: at.toISOString(), expiresAt };
  await table.transact([{ put, when: { absent: true } }]).catch((error: unknown) => {
    // The same request again.
    if (!(error instanceof ConditionUnmet)) throw error;
  });
  return { queryId };
}

/** @throws QueryMissing for another workspace's queries as for those that never were */
export async function showQuery(
  { table, engine }: Omit<SqlQueryDeps, 'clock'>,
  { workspace, queryId }: { workspace: string; queryId: string },
): Promise<QueryState> {
  await requireOwn(table, workspace, queryId);
  return engine.state(workspace, queryId);
}

/** @throws QueryMissing */
export async function listQueryRows(
  { table, engine }: Omit<SqlQueryDeps, 'clock'>,
  { workspace, queryId, after }: { workspace: string; queryId: string; after?: string },
): Promise<QueryRows> {
  await requireOwn(table, workspace, queryId);
  return engine.rows(workspace, queryId, after);
}

async function requireOwn(table: Table, workspace: string, queryId: string): Promise<void> {
  if (await table.get(queryKey(workspace, queryId))) return;
  throw DataErrors.QueryMissing(`queryId: got ${queryId}, workspace ${workspace} has no such query`);
}
