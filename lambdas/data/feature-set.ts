import { factKey, type Ref, ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Key, Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';
import type { NamedSet } from './feature-answers.ts';
import type { FeatureSpec } from './feature-spec.ts';

/** A feature set's one changing item in the catalogue: which definition counts. */
export interface FeatureSetHead {
  set: string;
  dataset: string;
  /** Digest of the spec. */
  definition: Digest;
  /** 1 for the first definition, then one more for each other one: what was made by a lower one is old. */
  revision: number;
  createdAt: string;
  appliedAt: string;
}

export const featureSetRef = (ws: string, set: string): Ref => ref('feature-set', ws, set);

/** All sets of the stage stand in one partition, since the daily check looks at all of them; no workspace is called `*`. */
const DIRECTORY = '*#feature-sets';
export const directoryKey = (ws: string, set: string): Key => ({ pk: DIRECTORY, sk: `${ws}/${set}` });

/** Sets of all workspaces, or of one, in order. */
export async function listFeatureSets(table: Table, workspace?: string): Promise<(NamedSet & { dataset: string })[]> {
  const rows = await table.query(DIRECTORY, workspace === undefined ? {} : { prefix: `${workspace}/` });
  return rows.map(({ workspace, set, dataset }) => ({ workspace, set, dataset }) as NamedSet & { dataset: string });
}

export async function featureSetOf(table: Table, { workspace, set }: NamedSet): Promise<FeatureSetHead | undefined> {
  const item = await table.get(factKey(featureSetRef(workspace, set)));
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...head } = item;
  return head as unknown as FeatureSetHead;
}

/** @throws FeatureSetMissing */
export async function requireFeatureSet(table: Table, named: NamedSet): Promise<FeatureSetHead> {
  const head = await featureSetOf(table, named);
  if (head) return head;
  throw DataErrors.FeatureSetMissing(`set: got ${named.set}, workspace ${named.workspace} has no such feature set`);
}

/** The definition that a head names. */
export async function featureSpecOf(table: Table, ws: string, digest: Digest): Promise<FeatureSpec> {
  const item = await table.get(factKey(ref('spec', ws, digest)));
  if (!item) throw DataErrors.FeatureSetMissing(`definition: got ${digest}, workspace ${ws} has no such spec`);
  return item['spec'] as unknown as FeatureSpec;
}
