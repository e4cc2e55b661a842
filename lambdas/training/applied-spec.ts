import { factOf, partitionOf, ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Item, Key, Table } from '../shared/table.ts';
import { TrainingErrors } from './errors.ts';
import type { ModelSpec } from './model-spec.ts';

/** The spec that training and rollout go by: the one applied last. */
export interface AppliedSpec {
  digest: Digest;
  spec: ModelSpec;
  /** The commit of the user's repository that it came from. */
  commit: string;
  /** Whether files were changed beside that commit. */
  dirty: boolean;
  /** ISO 8601, UTC. */
  appliedAt: string;
}

/** A spec as it is stored for good, under its digest. */
export interface SpecFact {
  digest: Digest;
  model: string;
  spec: ModelSpec;
  firstAppliedAt: string;
}

/** The row in the model's partition that says which spec was applied last. */
export interface SpecPointer {
  digest: Digest;
  commit: string;
  dirty: boolean;
  appliedAt: string;
}

export const pointerKey = (ws: string, model: string): Key => ({
  pk: partitionOf(ref('model', ws, model)),
  sk: 'applied-spec',
});

/** The spec applied last, or undefined where none was. */
export async function appliedSpec(table: Table, ws: string, model: string): Promise<AppliedSpec | undefined> {
  const pointer = (await table.get(pointerKey(ws, model))) as (Item & SpecPointer) | undefined;
  if (!pointer) return undefined;
  const { digest, commit, dirty, appliedAt } = pointer;
  const fact = await specFact(table, ws, digest);
  return fact && { digest, spec: fact.spec, commit, dirty, appliedAt };
}

/** @throws SpecMissing */
export async function requireAppliedSpec(table: Table, ws: string, model: string): Promise<AppliedSpec> {
  const applied = await appliedSpec(table, ws, model);
  if (applied) return applied;
  throw TrainingErrors.SpecMissing(`model: got ${model}, no spec was applied for it in workspace ${ws}`);
}

/** A stored spec by its digest. */
export async function specFact(table: Table, ws: string, digest: Digest): Promise<SpecFact | undefined> {
  return (await factOf(table, ref('spec', ws, digest))) as SpecFact | undefined;
}
