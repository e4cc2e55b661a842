import { factKey } from '../lineage/contract.ts';
import type { Key, Table } from '../shared/table.ts';
import { changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  checkModelName,
  headOf,
  isThere,
  listingKey,
  type ModelFact,
  type ModelHead,
  modelRef,
  PROMPT_TAG,
  publicFact,
  requireThere,
  revived,
} from './model.ts';
import { allTags, checkFreeTags, checkTagKey, ownerOfModel, withoutTag, withTags } from './tags.ts';

/** Who changes a model, and when. */
export interface ModelChange {
  workspace: string;
  model: string;
  /** Token id. */
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
}

export const isPrompt = (tags: Record<string, string> | undefined): boolean =>
  tags?.[PROMPT_TAG]?.toLowerCase() === 'true';

/** Every registration and alias writes the head, so what stands in it stays small. */
const MOST_DESCRIBED = 5000;

/** @throws ModelTooLarge */
export function checkDescription(text: string | undefined): void {
  if (text === undefined || [...text].length <= MOST_DESCRIBED) return;
  throw RegistryErrors.ModelTooLarge(`'description' exceeds the maximum length of ${MOST_DESCRIBED} characters`);
}

/**
 * Registers a model that has no version yet. Its own retry (the same token) finds what it made.
 * @throws ModelExists @throws ModelNameInvalid @throws ModelTagInvalid
 */
export async function createModel(
  table: Table,
  given: ModelChange & { description?: string; tags?: Record<string, string>; token: string },
): Promise<ModelFact> {
  const { workspace, model, actor, at, description, tags = {}, token } = given;
  checkModelName(model);
  checkDescription(description);
  checkFreeTags(Object.keys(tags));
  return changeModel<ModelFact>(table, { workspace, model }, async (head) => {
    if (isThere(head)) {
      if (head.madeBy === token) return { found: publicFact(head) as ModelFact };
      throw modelExists(head, isPrompt(tags));
    }
    const { writes, ...tagged } = withTags(workspace, ownerOfModel(model), {}, tags);
    const next: ModelHead = {
      ...revived(head, at),
      ...tagged,
      user: actor,
      madeBy: token,
      ...(description && { description }),
    };
    return {
      change: { head: next, facts: [...writes, { put: { ...listingKey(workspace, model), model } }] },
      result: publicFact({ ...next, revision: 1 }) as ModelFact,
    };
  });
}

/** The texts tell a taken name from one that is a prompt's. */
function modelExists(there: ModelHead, isNewPrompt: boolean) {
  const kind = (prompt: boolean) => (prompt ? 'Prompt' : 'Registered Model');
  const isOldPrompt = isPrompt(there.tags);
  if (isOldPrompt === isNewPrompt) {
    return RegistryErrors.ModelExists(`${kind(isNewPrompt)} (name=${there.model}) already exists.`);
  }
  return RegistryErrors.ModelExists(
    `Tried to create a ${kind(isNewPrompt).toLowerCase()} with name '${there.model}', but the name is already taken by a ${kind(isOldPrompt).toLowerCase()}. MLflow does not allow creating a model and a prompt with the same name.`,
  );
}

/** @throws ModelMissing */
export async function describeModel(
  table: Table,
  { workspace, model, at, description }: ModelChange & { description: string },
): Promise<ModelFact> {
  checkModelName(model);
  checkDescription(description);
  return changeModel(table, { workspace, model }, async (head) => {
    const next = { ...requireThere(head), description, updatedAt: at };
    return { change: { head: next }, result: publicFact(next) as ModelFact };
  });
}

/** @throws ModelMissing @throws ModelTagInvalid */
export async function setModelTag(
  table: Table,
  { workspace, model, key, value }: { workspace: string; model: string; key: string; value: string },
): Promise<void> {
  checkModelName(model);
  checkFreeTags([key]);
  await changeModel(table, { workspace, model }, async (head) => {
    const { writes, ...tagged } = withTags(workspace, ownerOfModel(model), requireThere(head), { [key]: value });
    return { change: { head: { ...withoutTags(head), ...tagged }, facts: writes }, result: undefined };
  });
}

/** One that is not there is gone already. @throws ModelMissing @throws ModelTagInvalid */
export async function deleteModelTag(
  table: Table,
  { workspace, model, key }: { workspace: string; model: string; key: string },
): Promise<void> {
  checkModelName(model);
  checkTagKey(key);
  checkFreeTags([key]);
  await changeModel(table, { workspace, model }, async (head) => {
    const { writes, ...tagged } = withoutTag(workspace, ownerOfModel(model), requireThere(head), key);
    return { change: { head: { ...withoutTags(head), ...tagged }, facts: writes }, result: undefined };
  });
}

function withoutTags({ tags: _tags, longTags: _long, ...head }: ModelHead): ModelHead {
  return head;
}

/**
 * Deletes a model with its versions and aliases. Its ledger stays, and so does the count: a model that is registered
 * under this name later goes on with the next number.
 * @throws ModelMissing @throws ModelInUse while a version of it is live
 */
export async function deleteModel(table: Table, { workspace, model, actor, at }: ModelChange): Promise<void> {
  checkModelName(model);
  await changeModel(table, { workspace, model }, async (head) => {
    // This very call's answer was lost.
    if (head.deletedAt === at && head.movedTo === undefined) return { found: undefined };
    requireThere(head);
    if (head.aliases.live !== undefined) {
      throw RegistryErrors.ModelInUse(
        `Registered Model with name=${model} is not deleted: its version ${head.aliases.live} is live`,
      );
    }
    const { latestVersion, revision } = head;
    const gone = latestVersion > 0 ? [{ from: 1, to: latestVersion }] : undefined;
    return {
      change: {
        head: { model, latestVersion, aliases: {}, revision, deletedAt: at, ...(gone && { gone }) },
        facts: [{ remove: listingKey(workspace, model) }],
        entry: {
          subject: modelRef(workspace, model),
          action: 'model-deleted' as const,
          at,
          actor,
          detail: { latestVersion },
        },
      },
      result: undefined,
    };
  });
}

/** A model with all its tags. @throws ModelMissing */
export async function showModel(
  table: Table,
  workspace: string,
  model: string,
): Promise<{ head: ModelFact; tags: Record<string, string> }> {
  checkModelName(model);
  const head = publicFact(requireThere(await headOf(table, workspace, model))) as ModelFact;
  const [tags = {}] = await allTags(table, workspace, [{ owner: ownerOfModel(model), thing: head }]);
  return { head, tags };
}

const headKey = (workspace: string, model: string): Key => factKey(modelRef(workspace, model));

/** The heads of every model of the workspace, deleted ones left out; with `names`, of those of them that are there. */
export async function allHeads(table: Table, workspace: string, names?: readonly string[]): Promise<ModelHead[]> {
  const listed = names ?? (await table.query(listingKey(workspace, '').pk)).map(({ sk }) => sk);
  const keys = [...new Set(listed)].map((model) => headKey(workspace, model));
  if (keys.length === 0) return [];
  const heads = (await table.getMany(keys)) as unknown as (ModelHead & Key)[];
  return heads.map(({ pk: _pk, sk: _sk, ...head }) => head as ModelHead).filter(isThere);
}

/** Models with all their tags, in the order given. */
export function tagsOfModels(table: Table, workspace: string, heads: readonly ModelFact[]) {
  return allTags(
    table,
    workspace,
    heads.map((thing) => ({ owner: ownerOfModel(thing.model), thing })),
  );
}
