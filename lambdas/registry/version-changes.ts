import type { Table, Write } from '../shared/table.ts';
import { changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  checkModelName,
  type ModelFact,
  type ModelVersionFact,
  modelRef,
  PROMPT_TAG,
  readVersion,
  requireThere,
  requireVersion,
  versionItem,
  versionMissing,
} from './model.ts';
import { isGone, withNumber } from './number-ranges.ts';
import { checkDescription, type ModelChange } from './registered-model.ts';
import { allTags, checkFreeTags, checkTagKey, dropLongTags, ownerOfVersion, withoutTag, withTags } from './tags.ts';
import { indexWrites, unindexWrites } from './version-index.ts';

interface NamedVersion {
  workspace: string;
  model: string;
  version: number;
}

/** A version of the model as it is now becomes what `next` says; the model's other facts stay. */
async function changeVersion(
  table: Table,
  { workspace, model, version }: NamedVersion,
  next: (fact: ModelVersionFact) => { fact: ModelVersionFact; writes?: Write[] },
): Promise<void> {
  checkModelName(model);
  await changeModel(table, { workspace, model }, async (head) => {
    requireThere(head);
    const { fact, writes = [] } = next(await requireVersion(table, workspace, model, version));
    return { change: { head, facts: [{ put: versionItem(workspace, fact) }, ...writes] }, result: undefined };
  });
}

/** @throws ModelMissing @throws ModelVersionMissing @throws ModelTooLarge */
export async function describeVersion(
  table: Table,
  { description, at, ...named }: NamedVersion & { description: string | undefined; at: string },
): Promise<void> {
  checkDescription(description);
  await changeVersion(table, named, ({ description: _before, ...fact }) => {
    const next = { ...fact, updatedAt: at, ...(description !== undefined && { description }) };
    return { fact: next, writes: indexWrites(named.workspace, next) };
  });
}

/** @throws ModelMissing @throws ModelVersionMissing @throws ModelTagInvalid */
export async function setVersionTag(
  table: Table,
  { key, value, ...named }: NamedVersion & { key: string; value: string },
): Promise<void> {
  checkFreeTags([key]);
  await changeVersion(table, named, ({ longTags, ...fact }) => {
    const before = { tags: fact.tags, longTags };
    const { writes, ...tagged } = withTags(named.workspace, ownerOf(named), before, { [key]: value });
    return withRows(named, key, { ...fact, ...tagged }, writes);
  });
}

/** One that is not there is gone already. @throws ModelMissing @throws ModelVersionMissing */
export async function deleteVersionTag(table: Table, { key, ...named }: NamedVersion & { key: string }): Promise<void> {
  checkTagKey(key);
  checkFreeTags([key]);
  await changeVersion(table, named, ({ longTags, ...fact }) => {
    const { writes, ...tagged } = withoutTag(named.workspace, ownerOf(named), { tags: fact.tags, longTags }, key);
    return withRows(named, key, { ...fact, ...tagged }, writes);
  });
}

/** One tag stands in the index as well. */
const withRows = ({ workspace }: NamedVersion, key: string, fact: ModelVersionFact, writes: Write[]) => ({
  fact,
  writes: key === PROMPT_TAG ? [...writes, ...indexWrites(workspace, fact)] : writes,
});

const ownerOf = ({ model, version }: NamedVersion) => ownerOfVersion(model, version);

/** Gaps of the numbers stand in the model's one item. */
const MOST_GAPS = 3000;

/**
 * Deletes a version with its aliases. Its number is never given again, and what the ledger says of it stays.
 * @throws ModelVersionInUse where it is live, or champion with a bundle: a rollout may be under way
 */
export async function deleteVersion(
  table: Table,
  { version, ...change }: ModelChange & { version: number },
): Promise<void> {
  const { workspace, model, actor, at } = change;
  checkModelName(model);
  await changeModel(table, { workspace, model }, async (head) => {
    requireThere(head);
    // This very call's answer was lost.
    if (isGone(head.gone, version) && head.updatedAt === at) return { found: undefined };
    const fact = await requireVersion(table, workspace, model, version);
    checkDeletable(head, fact);
    const gone = withNumber(head.gone, version);
    if (gone.length > MOST_GAPS) {
      throw RegistryErrors.ModelTooLarge(
        `model ${model}: its deleted versions leave ${MOST_GAPS} gaps; delete those between them first`,
      );
    }
    const { [String(version)]: _stage, ...stages } = head.stages ?? {};
    const aliases = Object.fromEntries(Object.entries(head.aliases).filter(([, points]) => points !== version));
    const { source: _s, storage: _p, runLink: _l, description: _d, longTags: _g, ...rest } = fact;
    return {
      change: {
        head: { ...head, aliases, gone, stages, updatedAt: at },
        facts: [
          { put: versionItem(workspace, { ...rest, tags: {}, updatedAt: at }) },
          ...unindexWrites(workspace, fact),
          ...dropLongTags(workspace, ownerOfVersion(model, version), fact),
        ],
        entry: {
          subject: modelRef(workspace, model),
          action: 'model-version-deleted' as const,
          at,
          actor,
          detail: { version, bundle: fact.bundle ?? null },
        },
      },
      result: undefined,
    };
  });
}

function checkDeletable({ aliases }: ModelFact, { model, version, bundle }: ModelVersionFact): void {
  const refuse = (why: string) =>
    RegistryErrors.ModelVersionInUse(`Model Version (name=${model}, version=${version}) is not deleted: ${why}`);
  if (aliases.live === version) throw refuse('it is live');
  if (aliases.champion === version && bundle) {
    throw refuse('it is champion, and its rollout may be under way; choose another champion first');
  }
}

/** A version with its model and all its tags. @throws ModelMissing @throws ModelVersionMissing */
export async function showTaggedVersion(
  table: Table,
  { workspace, model, version }: NamedVersion,
): Promise<{ head: ModelFact; fact: ModelVersionFact; tags: Record<string, string> }> {
  checkModelName(model);
  const { head, fact } = await readVersion(table, workspace, model, version);
  // As MLflow says it, whichever of the two is missing.
  if (!head || !fact) throw versionMissing(model, version);
  const [tags = {}] = await allTags(table, workspace, [{ owner: ownerOfVersion(model, version), thing: fact }]);
  return { head, fact, tags };
}
