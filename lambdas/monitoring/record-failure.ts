import type * as z from 'zod';
import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import type { RecordFailureInput } from './contract.ts';
import { failureWrite } from './drift-state.ts';
import type { CheckResult } from './drift-view.ts';
import { endpointsAsked } from './find-endpoints.ts';
import type { WatchedEndpoint } from './watched-endpoint.ts';

export interface RecordDeps {
  table: Table;
  clock: Clock;
  endpoints: readonly WatchedEndpoint[];
}

/** Writes down that a check could not judge an endpoint, or any of those that it was about. */
export async function recordFailure(
  { table, clock, endpoints }: RecordDeps,
  { check, error, cause, ...asked }: z.output<typeof RecordFailureInput>,
): Promise<{ results: CheckResult[] }> {
  const failure = { check, error, reason: reasonOf(cause), at: clock().toISOString() };
  const failed = endpointsAsked(endpoints, asked);
  for (const { workspace, endpoint } of failed) {
    await table.transact([failureWrite(workspace, endpoint, failure)]);
  }
  return { results: failed.map(({ endpoint }) => ({ endpoint, outcome: 'failed', error })) };
}

/** Enough for a sentence; the log has the rest. */
const MAX_REASON = 500;

function reasonOf(cause: string): string {
  return (messageIn(cause) ?? cause).slice(0, MAX_REASON);
}

function messageIn(cause: string): string | undefined {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : undefined;
  } catch {
    return undefined;
  }
}
