import { factOf } from '../lineage/contract.ts';
import type { Table } from '../shared/table.ts';
import { type RetrainingFact, readHead, retrainingId, retrainingRef } from './retraining.ts';

/** A model's latest retrainings, newest first, and how many firings were let go by since the last of them. */
export async function listRetrainings(
  { table }: { table: Table },
  { model, limit }: { model: string; limit: number },
  workspace: string,
): Promise<{ retrainings: RetrainingFact[]; suppressed: number }> {
  const { number, suppressed } = await readHead(table, workspace, model);
  const numbers = Array.from({ length: Math.min(limit, number) }, (_, i) => number - i);
  const facts = await Promise.all(
    numbers.map((each) => factOf(table, retrainingRef(workspace, retrainingId(model, each)))),
  );
  return { retrainings: facts as unknown as RetrainingFact[], suppressed };
}
