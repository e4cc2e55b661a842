import * as z from 'zod';
import { ROLES, type Role, route } from '../shared/route.ts';
import { ALIAS_ROLES } from './alias.ts';
import type { ModelFact, ModelPage, ModelVersionFact } from './model.ts';

export { type AliasChange, deleteAlias, setAlias, setChampion, versionOfAlias } from './alias.ts';
export { type Attachment, attachBundle, explainCandidate } from './attach-bundle.ts';
export { BUNDLE_FILES, type BundleFile, bundleKey, CONTENT_FILES, type ContentFile } from './bundle-files.ts';
export { BundleManifest, type TensorSpec } from './bundle-manifest.ts';
export { type Candidate, createCandidate } from './candidate.ts';
export { RegistryErrors } from './errors.ts';
export { type FoundVersion, findVersions, readTaggedVersions } from './find-versions.ts';
export {
  CANDIDATE_TAG,
  checkModelName,
  type ModelFact,
  type ModelVersionFact,
  modelFact,
  modelVersion,
  PROMPT_TAG,
  ROLLOUT_TAG,
  type Stage,
  showVersion,
} from './model.ts';
export { type ScannedModel, scanOnnx as scanModel } from './onnx-scanner.ts';
export { type BundleToOpen, type OpenBundle, openBundle } from './open-bundle.ts';
export type { Sign } from './ports.ts';
export { type LiveRecord, recordLive } from './record-live.ts';
export { type Registration, registerModelVersion } from './register-version.ts';
export {
  allHeads,
  createModel,
  deleteModel,
  deleteModelTag,
  describeModel,
  isPrompt,
  setModelTag,
  showModel,
  tagsOfModels,
} from './registered-model.ts';
export { renameModel } from './rename-model.ts';
export { ScanErrors } from './scan-errors.ts';
export { type BundleToSeal, sealBundle } from './seal-bundle.ts';
export { latestByStage, moveToStage, stageNamed, stageOf, updatedAt } from './stage.ts';
export {
  deleteVersion,
  deleteVersionTag,
  describeVersion,
  setVersionTag,
  showTaggedVersion,
} from './version-changes.ts';

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');
const Name = z.string().min(1).max(256);
/** A path says it as text, a body as a number. */
const VersionNumber = z.union([
  z.int().positive(),
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'expected a positive whole number')
    .transform(Number),
]);

/** `millrace model …` */
export const RegistryRoutes = {
  listModels: route<ModelPage>()({
    method: 'GET',
    path: '/registry/models',
    roles: EVERYONE,
    input: z.object({ after: Name.optional(), limit: z.coerce.number().int().min(1).max(1000).default(100) }),
  }),
  showModel: route<ModelFact>()({
    method: 'GET',
    path: '/registry/models/{model}',
    roles: EVERYONE,
    input: z.object({ model: Name }),
  }),
  showVersion: route<ModelVersionFact>()({
    method: 'GET',
    path: '/registry/models/{model}/versions/{version}',
    roles: EVERYONE,
    input: z.object({ model: Name, version: VersionNumber }),
  }),
  /** `champion` asks for the role engineer; other aliases take a scientist's as well. */
  setAlias: route<{ model: string; alias: string; version: number }>()({
    method: 'PUT',
    path: '/registry/models/{model}/aliases/{alias}',
    roles: ALIAS_ROLES,
    input: z.object({ model: Name, alias: Name, version: VersionNumber }),
  }),
};

export const RegistryApiEnv = z.object({ CATALOGUE_TABLE: z.string() });
