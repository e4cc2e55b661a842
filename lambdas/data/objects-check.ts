import type { Digest } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { type NamedObject, objectKey } from './collection.ts';
import type { DatasetHead } from './dataset-head.ts';
import { requireNotDoomed } from './erasure-plan.ts';
import { DataErrors } from './errors.ts';
import { eachOf } from './living-files.ts';

/**
 * Whether an object of the curated zone has this content: by the SHA-256 that S3 itself computed when the bytes came,
 * or, where it has none, by reading them.
 */
export type ProveObject = (key: string, expected: NamedObject) => Promise<boolean>;

type Named = { workspace: string; dataset: string };

/** Each content once, of those that are not in the dataset's objects, or are there with other bytes. */
export async function missingObjects(
  prove: ProveObject,
  named: Named,
  objects: readonly NamedObject[],
): Promise<NamedObject[]> {
  const once = [...new Map(objects.map((object) => [object.sha256, object])).values()];
  const there = await eachOf(once, (object) => prove(objectKey(named, object.sha256), object));
  return once.filter((_, i) => !there[i]);
}

/**
 * The reference check of an object manifest: to be asked by an ingestion of a collection before it registers a version,
 * with what its rows name and the parent's rows do not.
 * @param head As the ingestion read it: its commit holds for that one only, and so does this check
 * @throws CollectionObjectMissing when a row names content that is not there
 * @throws DatasetContended when it is there and on its way out
 */
export async function requireObjects(
  { curated, prove }: { curated: ObjectStore; prove: ProveObject },
  workspace: string,
  head: Pick<DatasetHead, 'dataset' | 'erasing'>,
  objects: readonly NamedObject[],
  known: ReadonlySet<Digest> = new Set(),
): Promise<void> {
  const named = { workspace, dataset: head.dataset };
  const fresh = objects.filter(({ sha256 }) => !known.has(sha256));
  await requireNotDoomed(
    curated,
    head,
    fresh.map(({ sha256 }) => objectKey(named, sha256)),
  );
  const missing = await missingObjects(prove, named, fresh);
  const [first] = missing;
  if (!first) return;
  throw DataErrors.CollectionObjectMissing(
    `sha256: ${missing.length} of the objects that rows name are not in dataset ${head.dataset}, such as ${first.sha256} of ${first.bytes} bytes`,
  );
}
