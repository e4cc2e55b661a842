import type * as z from 'zod';
import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import { messageOf } from './feature-joins.ts';
import type { FeaturesFailure } from './feature-routes.ts';
import { recordFailure } from './online-table.ts';

/** Enough for a sentence; the log has the rest. */
const MAX_REASON = 500;

/** Writes down that a set could not be materialised; the next one that ends well takes it away. */
export async function recordMaterialisationFailure(
  { online, clock }: { online: Table; clock: Clock },
  { workspace, set, error, cause }: z.output<typeof FeaturesFailure>,
): Promise<{ set: string; outcome: 'failed' }> {
  const reason = messageOf(cause).slice(0, MAX_REASON);
  await recordFailure(online, { workspace, set }, { error, reason, at: clock().toISOString() });
  return { set, outcome: 'failed' };
}
