import type { ObjectStore } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { objectKey, objectsOfFile } from './collection.ts';
import { isCollection } from './collection-spec.ts';
import { specOf } from './dataset-head.ts';
import { curatedKey, type Manifest, readManifest } from './manifest.ts';
import { type DatasetVersionFact, listDatasetVersions } from './versions.ts';

export interface Stores {
  table: Table;
  curated: ObjectStore;
}

/** The keys of the objects that a version consists of: its files, and what the rows of a collection name. */
export async function keysOfVersion(stores: Stores, fact: DatasetVersionFact): Promise<Set<string>> {
  return keysOf(stores, [await readManifest(stores.curated, fact)]);
}

/**
 * The keys of the objects that a dataset's versions name whose files are not erased yet: the references that keep an
 * object. A version that is deleted counts until then, since it may still be reinstated.
 * @param except The version whose own references do not count
 * @throws ManifestDamaged when one of them cannot be read: what it names is then not known, and nothing may go
 */
export async function livingKeys(stores: Stores, ws: string, dataset: string, except?: number): Promise<Set<string>> {
  const all = await listDatasetVersions(stores.table, ws, dataset);
  const facts = all.filter(({ number, deleted }) => number !== except && deleted?.erasedAt === undefined);
  const manifests = await eachOf(facts, (fact) => readManifest(stores.curated, fact));
  return keysOf(stores, manifests);
}

/** A file that many versions share is looked into once. */
async function keysOf({ table, curated }: Stores, manifests: readonly Manifest[]): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const manifest of manifests) {
    const fresh = manifest.files.filter((file) => !keys.has(curatedKey(manifest, file)));
    for (const file of fresh) keys.add(curatedKey(manifest, file));
    if (fresh.length === 0 || !isCollection(await specOf(table, manifest.workspace, manifest.spec))) continue;
    const named = await eachOf(fresh, (file) => objectsOfFile(curated, manifest, file));
    for (const { sha256 } of named.flat()) keys.add(objectKey(manifest, sha256));
  }
  return keys;
}

/** Sixteen at a time: S3 answers each in tens of milliseconds, and memory holds few of them. */
export async function eachOf<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>, width = 16) {
  const answers: Out[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) answers[i] = await work(items[i] as In);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return answers;
}
