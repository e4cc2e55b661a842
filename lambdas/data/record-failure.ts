import type { Clock } from '../shared/clock.ts';
import { retrying } from '../shared/retry.ts';
import type { Table } from '../shared/table.ts';
import type { FailedIngestion } from './contract.ts';
import { DataErrors } from './errors.ts';
import { hasEnded, type IngestionFact, ingestionFact, replaceIngestion } from './ingestion.ts';
import { parseRawKey } from './raw-key.ts';

/**
 * Puts the error that ended a workflow on the object's ingestion, unless it had ended before: a worker that dies
 * between its commit and its answer has succeeded.
 */
export async function recordFailure(
  { table, clock }: { table: Table; clock: Clock },
  { object, error }: FailedIngestion,
): Promise<{ recorded: boolean }> {
  const { workspace, dataset, uploadId, fileName, key } = parseRawKey(object.key);
  const write = async () => {
    const before = await ingestionFact(table, workspace, dataset, uploadId);
    if (before && hasEnded(before)) return { recorded: false };
    const at = clock().toISOString();
    const known: IngestionFact = before ?? {
      ...{ uploadId, dataset, fileName, key, bytes: object.bytes, createdAt: at, updatedAt: at },
      status: 'running',
    };
    const next: IngestionFact = { ...known, status: 'failed', updatedAt: at, error: describedError(error) };
    if (await replaceIngestion(table, workspace, before, next)) return { recorded: true };
    throw DataErrors.DatasetContended(`ingestion ${uploadId} moved while its failure was recorded`);
  };
  return retrying(write, (thrown) => thrown instanceof Error && thrown.name === 'DatasetContended');
}

function describedError({ Error: name = 'Unknown', Cause = '' }: FailedIngestion['error']): {
  name: string;
  message: string;
} {
  return { name, message: messageOf(Cause).slice(0, 1000) };
}

function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
