import { factKey, factOf, type Ref, ref } from '../lineage/contract.ts';
import type { Item, Key, Table, Value } from '../shared/table.ts';
import { RegistryErrors } from './errors.ts';
import { isGone, type Ranges } from './number-ranges.ts';

/** Stages as MLflow has them; a version is in `None` until somebody says otherwise. */
export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type Stage = (typeof STAGES)[number];

/** A registered model: how many versions it has and which names point at them. */
export interface ModelFact {
  model: string;
  /** The highest number that was ever given; numbers are dense from 1, and none is given twice. */
  latestVersion: number;
  /** `champion` is what its people want live, `live` is what is live; others are free. */
  aliases: { champion?: number; live?: number; [alias: string]: number | undefined };
  description?: string;
  /** Short tags; `longTags` names those that have an item of their own. */
  tags?: Record<string, string>;
  longTags?: string[];
  /** ISO 8601, UTC; absent on models of before there were times. */
  createdAt?: string;
  updatedAt?: string;
  user?: string;
  /** Versions in another stage than None, since when: one item says it of all, so that archiving many is one write. */
  stages?: Record<string, { stage: Exclude<Stage, 'None'>; at: string }>;
  /** Numbers whose versions were deleted. */
  gone?: Ranges;
}

/** One version: what it is, where it came from, how it was judged. */
export interface ModelVersionFact {
  model: string;
  version: number;
  /** What is rolled out. Absent on a candidate: a version made with a client, which nobody has judged yet. */
  bundle?: `sha256:${string}`;
  run?: Ref;
  dataset?: Ref;
  spec?: Ref;
  /** As the training domain measured and judged; carried, not read. */
  metrics?: Record<string, Value>;
  gate?: Value;
  /** ISO 8601, UTC. */
  registeredAt: string;
  updatedAt?: string;
  /** Short tags, with the platform's own: `millrace.rollout`, `millrace.candidate`. `longTags` names the others. */
  tags: Record<string, string>;
  longTags?: string[];
  /** As the client told it; MLflow shows and loads by them. */
  source?: string;
  /** Where `source` leads to, when that is another place. */
  storage?: string;
  runId?: string;
  runLink?: string;
  modelId?: string;
  description?: string;
  user?: string;
}

/** The model as it is stored: every change counts `revision` up, and holds only against the revision it read. */
export interface ModelHead extends ModelFact {
  revision: number;
  /** Set on one that was deleted or renamed: the row stays, so that no number is given twice. */
  deletedAt?: string;
  movedTo?: string;
  /** The first version that has a row in the index of versions; those of before there was one are read by number. */
  indexedFrom?: number;
  /** The token of the request that made it, for its retries. */
  madeBy?: string;
}

/** Why a version's last rollout did not end with it live, or what the wish for it waits for. */
export const ROLLOUT_TAG = 'millrace.rollout';
/** Why a version made with a client is no bundle. */
export const CANDIDATE_TAG = 'millrace.candidate';

/** MLflow keeps prompts among the models, told apart by a tag. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

export const modelRef = (workspace: string, model: string): Ref => ref('model', workspace, model);
export const versionRef = (workspace: string, model: string, version: number): Ref =>
  ref('model-version', workspace, `${model}/${version}`);

/** The one row a workspace's model is listed by. */
export const listingKey = (workspace: string, model: string): Key => ({ pk: `${workspace}#models#all`, sk: model });

export const headItem = (workspace: string, head: ModelHead): Item =>
  ({ ...factKey(modelRef(workspace, head.model)), ...head }) as unknown as Item;
export const versionItem = (workspace: string, fact: ModelVersionFact): Item =>
  ({ ...factKey(versionRef(workspace, fact.model, fact.version)), ...fact }) as unknown as Item;

/** What a model's next change is made on; one that nobody registered yet has revision 0. */
export async function headOf(table: Table, workspace: string, model: string): Promise<ModelHead> {
  const fact = (await factOf(table, modelRef(workspace, model))) as ModelHead | undefined;
  return fact ?? { model, latestVersion: 0, aliases: {}, revision: 0 };
}

/** Whether there is a model of this name now. */
export const isThere = ({ revision, deletedAt, movedTo }: ModelHead): boolean =>
  revision > 0 && deletedAt === undefined && movedTo === undefined;

/** The head of a model that is registered in this moment: new, as it was, or again. */
export function revived(head: ModelHead, at: string): ModelHead {
  if (isThere(head)) return head;
  const { model, latestVersion, gone, revision } = head;
  const fresh = { model, latestVersion, aliases: {}, revision, createdAt: at, updatedAt: at };
  return { ...fresh, indexedFrom: latestVersion + 1, ...(gone && { gone }) };
}

export async function modelFact(table: Table, workspace: string, model: string): Promise<ModelFact | undefined> {
  return publicFact(await headOf(table, workspace, model));
}

export function publicFact(head: ModelHead): ModelFact | undefined {
  const { revision: _r, deletedAt: _d, movedTo: _m, indexedFrom: _i, madeBy: _b, ...fact } = head;
  return isThere(head) ? fact : undefined;
}

export async function modelVersion(
  table: Table,
  workspace: string,
  model: string,
  version: number,
): Promise<ModelVersionFact | undefined> {
  return (await readVersion(table, workspace, model, version)).fact;
}

/** A version with its model, read together. */
export async function readVersion(
  table: Table,
  workspace: string,
  model: string,
  version: number,
): Promise<{ head?: ModelFact; fact?: ModelVersionFact }> {
  const [head, fact] = await Promise.all([
    headOf(table, workspace, model),
    factOf(table, versionRef(workspace, model, version)) as Promise<unknown> as Promise<ModelVersionFact | undefined>,
  ]);
  if (!isThere(head)) return {};
  return { head: publicFact(head), ...(fact && !isGone(head.gone, version) && { fact }) };
}

/** In MLflow's words, which its clients know. @throws ModelMissing */
export function requireThere(head: ModelHead): ModelHead {
  if (isThere(head)) return head;
  throw RegistryErrors.ModelMissing(`Registered Model with name=${head.model} not found`);
}

/** @throws ModelMissing @throws ModelNameInvalid */
export async function requireModel(table: Table, workspace: string, model: string): Promise<ModelFact> {
  checkModelName(model);
  return publicFact(requireThere(await headOf(table, workspace, model))) as ModelFact;
}

/** @throws ModelVersionMissing */
export async function requireVersion(
  table: Table,
  workspace: string,
  model: string,
  version: number,
): Promise<ModelVersionFact> {
  const fact = await modelVersion(table, workspace, model, version);
  if (fact) return fact;
  throw versionMissing(model, version);
}

export const versionMissing = (model: string, version: number | string) =>
  RegistryErrors.ModelVersionMissing(`Model Version (name=${model}, version=${version}) not found`);

export interface ModelPage {
  models: ModelFact[];
  /** Where the next page begins; absent on the last one. */
  next?: string;
}

/** Models by name, a page at a time. */
export async function listModels(
  table: Table,
  workspace: string,
  { after, limit = 100 }: { after?: string; limit?: number } = {},
): Promise<ModelPage> {
  const rows = await table.query(`${workspace}#models#all`, { after, limit: limit + 1 });
  const names = rows.slice(0, limit).map(({ sk }) => sk);
  const models = await Promise.all(names.map((model) => modelFact(table, workspace, model)));
  return {
    models: models.filter((model) => model !== undefined),
    ...(rows.length > limit && { next: names.at(-1) }),
  };
}

/** A version, or which of model and version is missing. */
export async function showVersion(
  table: Table,
  workspace: string,
  model: string,
  version: number,
): Promise<ModelVersionFact> {
  checkModelName(model);
  const { head, fact } = await readVersion(table, workspace, model, version);
  if (!head) throw RegistryErrors.ModelMissing(`Registered Model with name=${model} not found`);
  if (!fact) throw versionMissing(model, version);
  return fact;
}

/**
 * MLflow's rule (mlflow/utils/validation.py): anything without `/` and `:` that is no path by itself, up to 256
 * characters; and what a key of 1,024 bytes can hold beside, and logs can show.
 * @throws ModelNameInvalid
 */
export function checkModelName(model: string): void {
  if (model.trim() === '') throw RegistryErrors.ModelNameInvalid("Missing value for required parameter 'name'.");
  const shown = model.length > 80 ? `${model.slice(0, 80)}...` : model;
  if (/[/:]/.test(model)) {
    throw RegistryErrors.ModelNameInvalid(`Invalid model name '${shown}'. Names cannot contain '/' or ':'.`);
  }
  if (model === '.' || model.startsWith('..')) {
    throw RegistryErrors.ModelNameInvalid(
      `Invalid value ${JSON.stringify(shown)} for parameter 'name' supplied: a name must not be a path to elsewhere`,
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused
  if (/[\u0000-\u001f\u007f]/.test(model) || !model.isWellFormed()) {
    throw RegistryErrors.ModelNameInvalid(
      `Invalid value ${JSON.stringify(shown)} for parameter 'name' supplied: control characters and lone surrogates cannot be shown`,
    );
  }
  if (model.length > 256 || Buffer.byteLength(model) > 768) {
    throw RegistryErrors.ModelNameInvalid(
      `Invalid value ${JSON.stringify(shown)} for parameter 'name' supplied: 'name' exceeds the maximum length of 256 characters`,
    );
  }
}
