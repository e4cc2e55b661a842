import * as z from 'zod';
import { ROLES, type Role, route } from '../shared/route.ts';
import type { DatasetsFound } from './dataset-search.ts';
import { DATASET_NAME } from './dataset-spec.ts';
import type { VersionFiles } from './file-link.ts';
import { VersionName } from './resolve-version.ts';
import type { QueryRows, QueryState } from './sql-query.ts';

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');
/** Who may look at rows; an operator or approver has the profile, which shows none. */
const READERS: readonly Role[] = ['scientist', 'engineer', 'auditor'];
const dataset = z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63');
const version = VersionName;

const queryId = z.string().regex(/^[0-9a-f-]{1,64}$/, 'a query is named by the id that its start gave');

/** The part of the data domain's routes that finds datasets and looks into them. */
export const CatalogueRoutes = {
  searchDatasets: route<DatasetsFound>()({
    method: 'GET',
    path: '/data/datasets',
    roles: EVERYONE,
    input: z.strictObject({
      /** Separated by spaces; all of them must fit. */
      words: z.string().max(200).default(''),
      column: z.string().min(1).max(64).optional(),
      owner: z.string().min(1).max(200).optional(),
      tag: z.string().min(1).max(63).optional(),
      subject: z.stringbool().optional(),
      after: dataset.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
  }),
  listFiles: route<VersionFiles>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/versions/{version}/files',
    roles: READERS,
    input: z.strictObject({
      dataset,
      version,
      split: z.string().max(20).default('train'),
      after: z.string().max(200).optional(),
    }),
  }),
  startQuery: route<{ queryId: string }>()({
    method: 'POST',
    path: '/data/queries',
    roles: READERS,
    input: z.strictObject({
      sql: z.string().min(1).max(100_000),
      /** Whoever sends the same one again means the same query. */
      token: z.uuid(),
    }),
  }),
  showQuery: route<QueryState>()({
    method: 'GET',
    path: '/data/queries/{queryId}',
    roles: READERS,
    input: z.strictObject({ queryId }),
  }),
  listQueryRows: route<QueryRows>()({
    method: 'GET',
    path: '/data/queries/{queryId}/rows',
    roles: READERS,
    input: z.strictObject({ queryId, after: z.string().max(2000).optional() }),
  }),
};
