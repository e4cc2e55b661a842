import * as z from 'zod';
import { ROLES, type Role, route } from '../shared/route.ts';
import type { Agreement } from './agreement.ts';
import type { Consensus } from './consensus.ts';
import type { CorrectionCheck } from './corrections.ts';
import { DATASET_NAME } from './dataset-spec.ts';
import type { LabelSetNamed } from './label-spec.ts';
import { VersionName } from './resolve-version.ts';

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');
const MAKERS: readonly Role[] = ['scientist', 'engineer'];
const named = {
  dataset: z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63'),
  version: VersionName,
};
/** In the query of a GET every value is a text. */
const numberText = (limits: z.ZodNumber) => z.coerce.number().pipe(limits);

const Correction = z.strictObject({
  key: z.array(z.string().max(1000)).min(1).max(5),
  labeller: z.string().max(1000),
  label: z.string().max(1000),
});

/** Of `data/labels`, which reads labels of both sides and names those of one. */
export const LabelsEnv = z.object({ CATALOGUE_TABLE: z.string(), CURATED_BUCKET: z.string() });

/** `millrace data agreement`, `consensus` and `correct`. */
export const LabelRoutes = {
  showAgreement: route<LabelSetNamed & Agreement>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/versions/{version}/agreement',
    roles: EVERYONE,
    input: z.strictObject({ ...named, review: numberText(z.int().min(0).max(1000)).default(100) }),
  }),
  showConsensus: route<LabelSetNamed & Consensus>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/versions/{version}/consensus',
    roles: MAKERS,
    input: z.strictObject({
      ...named,
      minAgreement: numberText(z.number().min(0).max(1)).default(0.5),
      minLabellers: numberText(z.int().min(1).max(1000)).default(2),
    }),
  }),
  showCorrections: route<LabelSetNamed & CorrectionCheck>()({
    method: 'POST',
    path: '/data/datasets/{dataset}/versions/{version}/corrections',
    roles: MAKERS,
    input: z.strictObject({ ...named, corrections: z.array(Correction).min(1).max(10_000) }),
  }),
};
