import type { Table } from '../shared/table.ts';
import { type NamedObject, objectKey } from './collection.ts';
import { isCollection } from './collection-spec.ts';
import { requireDataset, specOf } from './dataset-head.ts';
import { DataErrors } from './errors.ts';
import { missingObjects, type ProveObject } from './objects-check.ts';

/** A URL that takes one PUT of exactly these bytes, and nothing else, to where they belong. */
export type PresignObject = (
  key: string,
  object: NamedObject,
  expiresInSeconds: number,
) => Promise<{ url: string; headers: Record<string, string> }>;

export interface AnnounceDeps {
  table: Table;
  prove: ProveObject;
  presign: PresignObject;
}

/** An object to be sent. Where it is there by the time it arrives, S3 answers 412, and that is fine. */
export interface ObjectUpload extends NamedObject {
  url: string;
  method: 'PUT';
  headers: Record<string, string>;
}

const EXPIRES_SECONDS = 900;

/**
 * Of the objects that somebody has, those that the dataset does not have yet, each with the way to send it.
 * @throws DatasetMissing, DatasetNoCollection
 */
export async function announceObjects(
  { table, prove, presign }: AnnounceDeps,
  { workspace, dataset, objects }: { workspace: string; dataset: string; objects: readonly NamedObject[] },
): Promise<{ missing: ObjectUpload[] }> {
  const head = await requireDataset(table, workspace, dataset);
  if (!isCollection(await specOf(table, workspace, head.spec)))
    throw DataErrors.DatasetNoCollection(`dataset: got ${dataset}, whose spec has no format: { type: objects }`);
  const named = { workspace, dataset };
  const missing = await missingObjects(prove, named, objects);
  const uploads = missing.map(async (object) => ({
    ...object,
    ...(await presign(objectKey(named, object.sha256), object, EXPIRES_SECONDS)),
    method: 'PUT' as const,
  }));
  return { missing: await Promise.all(uploads) };
}
