import { factKey, ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Condition, Table, Write } from '../shared/table.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { datasetRef } from './versions.ts';

/** A dataset's one changing item: the spec for its next uploads, and its latest version. */
export interface DatasetHead {
  dataset: string;
  spec: Digest;
  /** Number of the latest version; 0 before the first. */
  number: number;
  /** Null before the first version. */
  latest: Digest | null;
  createdAt: string;
  /** What is being taken out of the curated zone right now; one version at a time. */
  erasing?: Erasing;
  /** Counted up when an erasure begins and when it ends: whoever read the dataset before that must read it again. */
  erasureStep?: number;
}

/** An erasure under way: its plan lists the objects that no version may come to name until it is over. */
export type Erasing = { number: number; version: Digest; planKey: string };

export async function headOf(table: Table, ws: string, dataset: string): Promise<DatasetHead | undefined> {
  const item = await table.get(factKey(datasetRef(ws, dataset)));
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...head } = item;
  return head as unknown as DatasetHead;
}

/** @throws DatasetMissing */
export async function requireDataset(table: Table, ws: string, dataset: string): Promise<DatasetHead> {
  const head = await headOf(table, ws, dataset);
  if (head) return head;
  throw DataErrors.DatasetMissing(`dataset: got ${dataset}, workspace ${ws} has no such dataset`);
}

/** A head's next state; it holds only while nobody else has made the dataset, changed its spec or version, or begun or ended an erasure. */
export function headWrite(ws: string, before: DatasetHead | undefined, next: DatasetHead): Write {
  return {
    put: { ...factKey(datasetRef(ws, next.dataset)), ...next },
    when: before ? headAsRead(before) : { absent: true },
  };
}

/** Holds while the dataset is as it was read. */
export const headCheck = (ws: string, head: DatasetHead): Write => ({
  check: factKey(datasetRef(ws, head.dataset)),
  when: headAsRead(head),
});

function headAsRead({ spec, number, erasureStep }: DatasetHead): Condition {
  if (erasureStep === undefined) return { equals: { spec, number }, lacks: ['erasureStep'] };
  return { equals: { spec, number, erasureStep } };
}

/** The spec that a dataset's head or version names. */
export async function specOf(table: Table, ws: string, digest: Digest): Promise<DatasetSpec> {
  const item = await table.get(factKey(ref('spec', ws, digest)));
  if (!item) throw DataErrors.DatasetMissing(`spec: got ${digest}, workspace ${ws} has no such spec`);
  return item['spec'] as unknown as DatasetSpec;
}

/** The spec that a dataset's next uploads are checked against, or undefined where there is no such dataset. */
export async function currentDatasetSpec(table: Table, ws: string, dataset: string): Promise<DatasetSpec | undefined> {
  const head = await headOf(table, ws, dataset);
  return head && specOf(table, ws, head.spec);
}
