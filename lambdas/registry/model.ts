import { factKey, factOf, type Ref, ref } from '../lineage/contract.ts';
import type { Item, Key, Table, Value } from '../shared/table.ts';
import { RegistryErrors } from './errors.ts';

/** A registered model: how many versions it has and which names point at them. */
export interface ModelFact {
  model: string;
  /** The highest version number; numbers are dense from 1. */
  latestVersion: number;
  /** `champion` is what its people want live, `live` is what is live; others are free. */
  aliases: { champion?: number; live?: number; [alias: string]: number | undefined };
}

/** One version: what it is, where it came from, how it was judged. Only `tags` change afterwards. */
export interface ModelVersionFact {
  model: string;
  version: number;
  bundle: `sha256:${string}`;
  run: Ref;
  dataset: Ref;
  spec: Ref;
  /** As the training domain measured and judged; carried, not read. */
  metrics: Record<string, Value>;
  gate: Value;
  /** ISO 8601, UTC. */
  registeredAt: string;
  /** `millrace.rollout`: why the version's last rollout did not end with it live. */
  tags: Record<string, string>;
}

/** The model as it is stored: every change counts `revision` up, and holds only against the revision it read. */
export interface ModelHead extends ModelFact {
  revision: number;
}

export const ROLLOUT_TAG = 'millrace.rollout';

export const modelRef = (workspace: string, model: string): Ref => ref('model', workspace, model);
export const versionRef = (workspace: string, model: string, version: number): Ref =>
  ref('model-version', workspace, `${model}/${version}`);

/** Begins with a letter or digit, so that no name is a path, a flag or a hidden file anywhere. */
const MODEL_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,126}$/;

/** @throws ModelNameInvalid */
export function checkModelName(model: string): void {
  if (MODEL_NAME.test(model)) return;
  throw RegistryErrors.ModelNameInvalid(
    `model: got ${JSON.stringify(model.slice(0, 80))}, a name is 1 to 127 letters, digits, dots, hyphens or underscores and begins with a letter or digit`,
  );
}

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

export async function modelFact(table: Table, workspace: string, model: string): Promise<ModelFact | undefined> {
  const { revision, ...fact } = await headOf(table, workspace, model);
  return revision === 0 ? undefined : fact;
}

export async function modelVersion(
  table: Table,
  workspace: string,
  model: string,
  version: number,
): Promise<ModelVersionFact | undefined> {
  return (await factOf(table, versionRef(workspace, model, version))) as ModelVersionFact | undefined;
}

/** @throws ModelMissing */
export async function requireModel(table: Table, workspace: string, model: string): Promise<ModelFact> {
  checkModelName(model);
  const fact = await modelFact(table, workspace, model);
  if (fact) return fact;
  throw RegistryErrors.ModelMissing(`model: got ${model}, no version of it was registered in workspace ${workspace}`);
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
  throw RegistryErrors.ModelVersionMissing(`version: got ${version}, model ${model} has no such version`);
}

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
  await requireModel(table, workspace, model);
  return requireVersion(table, workspace, model, version);
}
