import * as z from 'zod';
import { canonicalJson, digestOf, hexOf } from '../shared/digest.ts';
import type { ErasableObjects, ObjectStore, ObjectVersion } from '../shared/objects.ts';
import type { DatasetHead, Erasing } from './dataset-head.ts';
import { DataErrors } from './errors.ts';
import { eachOf } from './living-files.ts';
import type { Manifest } from './manifest.ts';

/**
 * What an erasure takes away, fixed before it begins: versions of objects, not keys. Whoever carries it out, however
 * late, takes away nothing that was written after it was made.
 */
export const ErasurePlan = z.strictObject({
  schema: z.literal('millrace/erasure/1'),
  workspace: z.string(),
  dataset: z.string(),
  number: z.int().positive(),
  version: z.string(),
  objects: z.array(z.strictObject({ key: z.string(), versionId: z.string() })),
});
export type ErasurePlan = z.output<typeof ErasurePlan>;

type Named = Pick<Manifest, 'workspace' | 'dataset'>;

const planKey = ({ workspace, dataset }: Named, hex: string) => `${workspace}/${dataset}/erasures/${hex}.json`;

/** Beyond so many keys one listing of their folder is quicker than one of each. */
const MOST_SINGLE_LISTINGS = 500;

/** Every stored version of these keys. */
export async function versionsOf(
  curated: ErasableObjects,
  { workspace, dataset }: Named,
  keys: ReadonlySet<string>,
): Promise<ObjectVersion[]> {
  const few = keys.size <= MOST_SINGLE_LISTINGS;
  const folders = new Set(
    [...keys].map((key) => key.slice(0, key.indexOf('/', `${workspace}/${dataset}/`.length) + 1)),
  );
  const found = await eachOf([...(few ? keys : folders)], (prefix) => curated.versionsBelow(prefix));
  return found.flat().filter(({ key }) => keys.has(key));
}

/** Writes a plan under the name of its content. */
export async function writePlan(curated: ObjectStore, plan: ErasurePlan): Promise<string> {
  const text = canonicalJson(plan);
  const key = planKey(plan, hexOf(digestOf(text)));
  await curated.create(key, text, 'application/json');
  return key;
}

/** @throws ManifestDamaged when the plan is missing or another one */
export async function readPlan(curated: ObjectStore, { planKey: key }: Pick<Erasing, 'planKey'>): Promise<ErasurePlan> {
  const bytes = await curated.get(key);
  if (!bytes || !key.endsWith(`/${hexOf(digestOf(bytes))}.json`))
    throw DataErrors.ManifestDamaged(`erasure plan: there is no ${key}, or it is not what was written`);
  return ErasurePlan.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

/**
 * To be asked before a version is registered that names these keys: none of them may be on its way out. An ingestion
 * that finds one there comes again when the erasure is over, and writes the object anew.
 * @throws DatasetContended
 */
export async function requireNotDoomed(
  curated: ObjectStore,
  { dataset, erasing }: Pick<DatasetHead, 'dataset' | 'erasing'>,
  keys: Iterable<string>,
): Promise<void> {
  if (!erasing) return;
  const doomed = new Set((await readPlan(curated, erasing)).objects.map(({ key }) => key));
  for (const key of keys) {
    if (!doomed.has(key)) continue;
    throw DataErrors.DatasetContended(
      `${key} goes with version ${erasing.number} of ${dataset}, which is being erased`,
    );
  }
}
