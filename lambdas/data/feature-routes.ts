import * as z from 'zod';
import { DIGEST_PATTERN, type Digest } from '../shared/digest.ts';
import { ROLES, type Role, route } from '../shared/route.ts';
import { DATASET_NAME } from './dataset-spec.ts';
import type { FeatureSetView, JoinView, OnlineFeatures } from './feature-answers.ts';
import type { Upload } from './upload-answer.ts';

/** The metric that the alarm looks at: hours of the set that is furthest behind. */
export const STALE_HOURS = 'features-stale-hours';

/** EventBridge source `millrace.data`; `detail` has `set`, `dataset` and `definition` beside `id` and `workspace`. */
export const FEATURES_APPLIED = 'FeaturesApplied';
export const FEATURES_MATERIALISED = 'FeaturesMaterialised';

export const JOIN_FORMATS = ['parquet', 'csv'] as const;
export type JoinFormat = (typeof JOIN_FORMATS)[number];

/** The input of `data/join-features`. */
export const JoinRequest = z.strictObject({
  workspace: z.string(),
  set: z.string(),
  join: z.string(),
  /** The id of a spine that was put into the features zone; without, the training rows of the set's dataset. */
  spine: z.string().optional(),
  format: z.enum(JOIN_FORMATS),
});
export type JoinRequest = z.output<typeof JoinRequest>;

/** What one file of spine rows may have, in bytes: it, the rows it meets and the answer lie in one function's /tmp. */
const MAX_SPINE_BYTES = 128 * 1024 * 1024;
/** Most entities that are asked for at once. */
const MAX_ENTITIES = 100;

/** Values of an entity's columns as they are written: text, or the number or truth that it stands for. */
export const EntityValues = z.record(z.string(), z.union([z.string().max(1000), z.number(), z.boolean()]));
export type EntityValues = z.output<typeof EntityValues>;

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');
const MAKERS: readonly Role[] = ['scientist', 'engineer'];
const set = z.string().regex(DATASET_NAME, 'a feature set is lower-case letters, digits and hyphens, at most 63');
const id = z.string().regex(/^[0-9a-z]{26}$/, 'an id of the platform has 26 letters and digits');

/** `millrace feature …` */
export const FeatureRoutes = {
  applyFeatures: route<FeatureSetView>()({
    method: 'PUT',
    path: '/data/features/{set}',
    roles: MAKERS,
    input: z.strictObject({ set, spec: z.string().max(200_000) }),
  }),
  listFeatures: route<{ sets: { set: string; dataset: string }[] }>()({
    method: 'GET',
    path: '/data/features',
    roles: EVERYONE,
    input: z.strictObject({}),
  }),
  showFeatures: route<FeatureSetView>()({
    method: 'GET',
    path: '/data/features/{set}',
    roles: EVERYONE,
    input: z.strictObject({ set }),
  }),
  /** Values of the online table, for each entity in the order asked. */
  readFeatures: route<{ entities: OnlineFeatures[] }>()({
    method: 'POST',
    path: '/data/features/{set}/values',
    roles: MAKERS,
    input: z.strictObject({ set, entities: z.array(EntityValues).min(1).max(MAX_ENTITIES) }),
  }),
  /** Where to put the CSV of a spine. */
  createSpine: route<Upload>()({
    method: 'POST',
    path: '/data/features/{set}/spines',
    roles: MAKERS,
    input: z.strictObject({ set, bytes: z.int().positive().max(MAX_SPINE_BYTES) }),
  }),
  /** Features as they were known at each row of a spine: one that was put there, or the dataset's own training rows. */
  startJoin: route<{ join: string }>()({
    method: 'POST',
    path: '/data/features/{set}/joins',
    roles: MAKERS,
    input: z.strictObject({
      set,
      /** `uploadId` of the spine. @default the training rows of the set's dataset */
      spine: id.optional(),
      format: z.enum(JOIN_FORMATS),
    }),
  }),
  showJoin: route<JoinView>()({
    method: 'GET',
    path: '/data/features/{set}/joins/{join}',
    roles: MAKERS,
    input: z.strictObject({ set, join: id }),
  }),
};

/** Of `data/materialise-features`. */
export const MaterialiseFeaturesEnv = z.object({
  STAGE: z.string(),
  CATALOGUE_TABLE: z.string(),
  FEATURES_TABLE: z.string(),
  CURATED_BUCKET: z.string(),
  FEATURES_BUCKET: z.string(),
});
export const JoinFeaturesEnv = MaterialiseFeaturesEnv.omit({ STAGE: true, FEATURES_TABLE: true });

/** What the API of features needs. */
export const FeatureApiEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  FEATURES_TABLE: z.string(),
  FEATURES_BUCKET: z.string(),
  CHECK_FEATURES_FUNCTION: z.string(),
  JOIN_FEATURES_ARN: z.string(),
});

/** What news is about, or nothing for all sets of the stage; an event's other fields are passed over. */
export const FeaturesAsked = z.object({
  workspace: z.string().optional(),
  dataset: z.string().optional(),
  set: z.string().optional(),
});
export const OneFeatureSet = z.object({ workspace: z.string(), set: z.string() });

const DigestText = z.custom<Digest>((value) => typeof value === 'string' && DIGEST_PATTERN.test(value), 'a digest');
const Materialisation = z.strictObject({
  definition: DigestText,
  revision: z.int().positive(),
  version: DigestText,
  number: z.int().positive(),
  turn: z.int().positive(),
  pages: z.int().nonnegative(),
  entities: z.int().nonnegative(),
});
export const WriteFeaturesInput = z.strictObject({
  workspace: z.string(),
  set: z.string(),
  materialisation: Materialisation,
  page: z.int().nonnegative(),
});
export const FinishFeaturesInput = WriteFeaturesInput.omit({ page: true });
export const FeaturesFailure = z.strictObject({
  workspace: z.string(),
  set: z.string(),
  error: z.string(),
  cause: z.string(),
});
