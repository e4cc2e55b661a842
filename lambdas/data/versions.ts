import { factKey, partitionOf, type Ref, ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Item, Key, Table } from '../shared/table.ts';

/** Why and since when a version is gone. It can be read no more from the moment that this stands there. */
export interface Deletion {
  at: string;
  by: string;
  reason: string;
  /** Whether it goes although runs or bundles name it. */
  evenIfUsed?: boolean;
  /** Since when its files are gone, and how many objects those were; absent while they may still be there. */
  erasedAt?: string;
  objects?: number;
}

/** An immutable dataset version as the catalogue knows it; its files stand in the manifest. */
export interface DatasetVersionFact {
  dataset: string;
  version: Digest;
  /** 1 for the first version of the dataset, then one more each. */
  number: number;
  spec: Digest;
  rows: number;
  /** Records of the file that made the version, taken or not. */
  given: number;
  /** Keys in the curated zone. */
  manifestKey: string;
  profileKey: string;
  /** Of the file that made it. */
  qualityKey: string;
  /** ISO 8601, UTC. */
  registeredAt: string;
  parent?: Digest;
  /** Present where its files are erased, or about to be. */
  deleted?: Deletion;
}

export const datasetRef = (ws: string, dataset: string): Ref => ref('dataset', ws, dataset);
export const datasetVersionRef = (ws: string, dataset: string, version: Digest): Ref =>
  ref('dataset-version', ws, `${dataset}/${version}`);

const VERSION_ROW = 'version#';
/** The row in the dataset's partition that keeps its versions in order; the same content as the version's fact. */
export const versionRowKey = (ws: string, dataset: string, number: number): Key => ({
  pk: partitionOf(datasetRef(ws, dataset)),
  sk: `${VERSION_ROW}${String(number).padStart(12, '0')}`,
});

export async function latestDatasetVersion(
  table: Table,
  ws: string,
  dataset: string,
): Promise<DatasetVersionFact | undefined> {
  return (await listDatasetVersions(table, ws, dataset, 1))[0];
}

/**
 * The version of that digest. Where several have had the same content it is the newest of them, or one that is there
 * still when that one is deleted.
 */
export async function datasetVersion(
  table: Table,
  ws: string,
  dataset: string,
  version: Digest,
): Promise<DatasetVersionFact | undefined> {
  const fact = await factByDigest(table, ws, dataset, version);
  if (!fact?.deleted) return fact;
  const twins = (await listDatasetVersions(table, ws, dataset)).filter((each) => each.version === version);
  return twins.find(({ deleted }) => !deleted) ?? fact;
}

/** What stands under a digest, whatever else has it. */
export async function factByDigest(
  table: Table,
  ws: string,
  dataset: string,
  version: Digest,
): Promise<DatasetVersionFact | undefined> {
  return asFact(await table.get(factKey(datasetVersionRef(ws, dataset, version))));
}

export async function numberedDatasetVersion(
  table: Table,
  ws: string,
  dataset: string,
  number: number,
): Promise<DatasetVersionFact | undefined> {
  return asFact(await table.get(versionRowKey(ws, dataset, number)));
}

/** Newest first. */
export async function listDatasetVersions(
  table: Table,
  ws: string,
  dataset: string,
  limit?: number,
): Promise<DatasetVersionFact[]> {
  const rows = await table.query(partitionOf(datasetRef(ws, dataset)), {
    prefix: VERSION_ROW,
    descending: true,
    limit,
  });
  return rows.map((row) => asFact(row) as DatasetVersionFact);
}

function asFact(item: Item | undefined): DatasetVersionFact | undefined {
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...fact } = item;
  return fact as unknown as DatasetVersionFact;
}
