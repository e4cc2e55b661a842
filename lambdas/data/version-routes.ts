import * as z from 'zod';
import { DIGEST_PATTERN, type Digest } from '../shared/digest.ts';
import { type Role, route } from '../shared/route.ts';
import type { ObjectUpload } from './announce-objects.ts';
import { DATASET_NAME } from './dataset-spec.ts';
import type { DatasetVersionView } from './name-version.ts';
import { VersionName } from './resolve-version.ts';
import type { VerificationPage } from './verify-version.ts';

const READERS: readonly Role[] = ['scientist', 'engineer', 'operator', 'approver', 'auditor'];
const MAKERS: readonly Role[] = ['scientist', 'engineer'];
/** Who may take something away for good. */
const ENGINEERS: readonly Role[] = ['engineer'];

const dataset = z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63');
const reason = z.string().min(1).max(500);
const tag = z.string().max(100);
const sha256 = z
  .string()
  .regex(DIGEST_PATTERN, 'expected sha256:<64 hex>')
  .transform((text) => text as Digest);
const PATH = '/data/datasets/{dataset}/versions/{version}';

/** Largest object of a collection: a verification reads each into one function's memory. */
export const MAX_OBJECT_BYTES = 128 * 1024 * 1024;
/** Objects of one announcement: each is asked for in S3 within the API's time. */
export const MAX_ANNOUNCED = 200;

/** `millrace data verify`, `pin`, `unpin`, `tag`, `untag` and `delete`. */
export const VersionRoutes = {
  /** One page of a verification; the next one is asked for with the cursor of the one before. */
  verifyVersion: route<VerificationPage>()({
    method: 'GET',
    path: `${PATH}/verification`,
    roles: READERS,
    input: z.strictObject({ dataset, version: VersionName, cursor: z.string().max(2000).optional() }),
  }),
  pinVersion: route<DatasetVersionView>()({
    method: 'PUT',
    path: `${PATH}/pin`,
    roles: MAKERS,
    input: z.strictObject({ dataset, version: VersionName, reason }),
  }),
  unpinVersion: route<DatasetVersionView>()({
    method: 'DELETE',
    path: `${PATH}/pin`,
    roles: MAKERS,
    input: z.strictObject({ dataset, version: VersionName, reason }),
  }),
  tagVersion: route<DatasetVersionView>()({
    method: 'PUT',
    path: '/data/datasets/{dataset}/tags/{tag}',
    roles: MAKERS,
    input: z.strictObject({ dataset, tag, version: VersionName }),
  }),
  untagVersion: route<DatasetVersionView>()({
    method: 'DELETE',
    path: '/data/datasets/{dataset}/tags/{tag}',
    roles: MAKERS,
    input: z.strictObject({ dataset, tag }),
  }),
  /** Deleted when it answers; its files go in the background. */
  deleteVersion: route<DatasetVersionView>()({
    method: 'DELETE',
    path: PATH,
    roles: ENGINEERS,
    input: z.strictObject({ dataset, version: VersionName, reason, evenIfUsed: z.boolean().default(false) }),
  }),
  /** Which of these contents a collection has not yet, and how to send them. */
  announceObjects: route<{ missing: ObjectUpload[] }>()({
    method: 'POST',
    path: '/data/datasets/{dataset}/objects',
    roles: MAKERS,
    input: z.strictObject({
      dataset,
      objects: z
        .array(z.strictObject({ sha256, bytes: z.int().nonnegative().max(MAX_OBJECT_BYTES) }))
        .min(1)
        .max(MAX_ANNOUNCED),
    }),
  }),
  /** Says which DVC pointer an upload came from, once it is in a version. */
  recordImport: route<{ pointer: string; version: string }>()({
    method: 'POST',
    path: '/data/datasets/{dataset}/uploads/{uploadId}/origin',
    roles: MAKERS,
    input: z.strictObject({
      dataset,
      uploadId: z.string().max(128),
      origin: z.strictObject({
        pointer: z.string().min(1).max(1000),
        path: z.string().min(1).max(1000),
        md5: z.string().regex(/^[0-9a-f]{32}$/, 'expected an md5 of 32 hex digits'),
        commit: z
          .string()
          .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'expected a full git commit')
          .optional(),
        dirty: z.boolean().optional(),
      }),
    }),
  }),
};

export const DeleteVersionsEnv = z.object({ CATALOGUE_TABLE: z.string(), CURATED_BUCKET: z.string() });

/** Of `data/verify`, which reads rows of both sides and gives out digests. */
export const VerifyVersionEnv = z.object({ CATALOGUE_TABLE: z.string(), CURATED_BUCKET: z.string() });
export const VerifyPageInput = z.strictObject({
  workspace: z.string(),
  dataset,
  version: VersionName,
  cursor: z.string().max(2000).optional(),
});

/** A version as the workflow data/delete-versions names it. */
const Swept = z.strictObject({ workspace: z.string(), dataset: z.string(), number: z.int().positive() });
/** All that is due, or this one. */
export const FindVersionsInput = z.strictObject({ only: Swept.optional() });
export const EraseVersionInput = Swept.extend({ from: z.int().nonnegative() });
