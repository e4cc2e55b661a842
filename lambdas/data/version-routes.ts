import * as z from 'zod';
import { type Role, route } from '../shared/route.ts';
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
const PATH = '/data/datasets/{dataset}/versions/{version}';

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
};

export const DeleteVersionsEnv = z.object({ CATALOGUE_TABLE: z.string(), CURATED_BUCKET: z.string() });

/** A version as the workflow data/delete-versions names it. */
const Swept = z.strictObject({ workspace: z.string(), dataset: z.string(), number: z.int().positive() });
/** All that is due, or this one. */
export const FindVersionsInput = z.strictObject({ only: Swept.optional() });
export const EraseVersionInput = Swept.extend({ from: z.int().nonnegative() });
