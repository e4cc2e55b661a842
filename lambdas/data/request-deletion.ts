import type { Clock } from '../shared/clock.ts';
import type { NewId } from '../shared/ids.ts';
import type { Table } from '../shared/table.ts';
import { type DeletionWish, deleteVersion } from './delete-version.ts';
import type { SweptVersion } from './expired-versions.ts';
import { type DatasetVersionView, describeVersion } from './name-version.ts';

/** Begins to take a deleted version's files away. @throws ServiceUnavailable */
export type StartErasure = (name: string, version: SweptVersion) => Promise<void>;

export interface DeletionDeps {
  table: Table;
  startErasure: StartErasure;
  clock: Clock;
  newId: NewId;
}

/**
 * A person's deletion: said first, carried out in the background. Asked for again, what was cut off is begun again;
 * two at once do no harm. What nobody asks for again is ended by the next sweep.
 */
export async function requestDeletion(
  { table, startErasure, clock, newId }: DeletionDeps,
  wish: Omit<DeletionWish, 'at'>,
): Promise<DatasetVersionView> {
  const { workspace, dataset } = wish;
  const { number, deleted } = await deleteVersion(table, { ...wish, at: clock().toISOString() });
  if (!deleted?.erasedAt) await startErasure(newId(), { workspace, dataset, number });
  return describeVersion(table, { workspace, dataset, version: String(number) });
}
