import type { ObjectStore } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { objectKey, objectsOfFile } from './collection.ts';
import { isCollection } from './collection-spec.ts';
import { specOf } from './dataset-head.ts';
import { curatedKey, readManifest } from './manifest.ts';
import { listDatasetVersions } from './versions.ts';

/** What may lie in the folders of a dataset that belong to its versions. */
export interface NamedKeys {
  keys: ReadonlySet<string>;
  /** Manifests that could not be read, and why: what they name is not known, so that nothing can be called added. */
  unreadable: { key: string; why: string }[];
}

/** The folders whose objects versions name; quarantine reports, erasure plans and profiles belong to other things. */
export const LISTED_FOLDERS = ['manifests', 'objects', 'test', 'train'] as const;

/** What the versions of a dataset name that are not erased. */
export async function namedByAll(
  { table, curated }: { table: Table; curated: ObjectStore },
  ws: string,
  dataset: string,
): Promise<NamedKeys> {
  const keys = new Set<string>();
  const unreadable: NamedKeys['unreadable'] = [];
  for (const fact of await listDatasetVersions(table, ws, dataset)) {
    // A deleted version keeps its manifest, and nothing else.
    keys.add(fact.manifestKey);
    if (fact.deleted?.erasedAt) continue;
    try {
      const manifest = await readManifest(curated, fact);
      const collection = isCollection(await specOf(table, ws, manifest.spec));
      for (const file of manifest.files) {
        const key = curatedKey(manifest, file);
        if (keys.has(key)) continue;
        const objects = collection ? await objectsOfFile(curated, manifest, file) : [];
        for (const { sha256 } of objects) keys.add(objectKey(manifest, sha256));
        keys.add(key);
      }
    } catch (error) {
      unreadable.push({ key: fact.manifestKey, why: (error as Error).message });
    }
  }
  return { keys, unreadable };
}
