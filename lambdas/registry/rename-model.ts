import { readLedger } from '../lineage/contract.ts';
import type { Table, Write } from '../shared/table.ts';
import { changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  checkModelName,
  headItem,
  headOf,
  isThere,
  listingKey,
  type ModelFact,
  type ModelHead,
  type ModelVersionFact,
  modelRef,
  modelVersion,
  publicFact,
  requireThere,
  versionItem,
} from './model.ts';
import { isGone } from './number-ranges.ts';
import type { ModelChange } from './registered-model.ts';
import { indexWrites, unindexWrites } from './version-index.ts';

/** Each version is up to five writes of the one transaction, which takes a hundred. */
const MOST_RENAMED = 15;

/**
 * Gives a model another name, with its versions, aliases, stages and tags. What the ledger and lineage say stays
 * under the old name, which points at the new one.
 *
 * @throws ModelExists where the new name has a model, or had one: its numbers are given
 * @throws ModelInUse where others know the model by its name: it is live, has bundles, or a spec
 * @throws ModelTooLarge beyond 15 versions, or with long tags
 */
export async function renameModel(
  table: Table,
  { newName, ...change }: ModelChange & { newName: string },
): Promise<ModelFact> {
  const { workspace, model, actor, at } = change;
  checkModelName(model);
  checkModelName(newName);
  return changeModel<ModelFact>(table, { workspace, model }, async (head) => {
    const target = await headOf(table, workspace, newName);
    // The answer to this rename was lost: it is done.
    if (head.movedTo === newName && isThere(target)) return { found: publicFact(target) as ModelFact };
    requireThere(head);
    checkFree(target, model, newName);
    const versions = await movable(table, workspace, head);
    const next: ModelHead = { ...head, model: newName, updatedAt: at, revision: target.revision + 1 };
    const { latestVersion, revision } = head;
    const gone = latestVersion > 0 ? [{ from: 1, to: latestVersion }] : undefined;
    return {
      change: {
        head: { model, latestVersion, aliases: {}, revision, movedTo: newName, deletedAt: at, ...(gone && { gone }) },
        facts: [
          {
            put: headItem(workspace, next),
            when: target.revision === 0 ? { absent: true } : { equals: { revision: target.revision } },
          },
          { remove: listingKey(workspace, model) },
          { put: { ...listingKey(workspace, newName), model: newName } },
          ...versions.flatMap((fact) => moved(workspace, fact, newName, at)),
        ],
        entry: {
          subject: modelRef(workspace, model),
          action: 'model-renamed' as const,
          at,
          actor,
          detail: { to: newName, latestVersion },
        },
        edges: [
          { from: modelRef(workspace, newName), relation: 'derived-from' as const, to: modelRef(workspace, model) },
        ],
      },
      result: publicFact(next) as ModelFact,
    };
  });
}

/** The fact under the new name; the old one stays as evidence, out of every list. */
function moved(workspace: string, fact: ModelVersionFact, newName: string, at: string): Write[] {
  const next = { ...fact, model: newName, updatedAt: at };
  return [{ put: versionItem(workspace, next) }, ...unindexWrites(workspace, fact), ...indexWrites(workspace, next)];
}

/** A name whose numbers were given to others would give them twice; one that this model left earlier is its own. */
function checkFree(target: ModelHead, model: string, newName: string): void {
  const isOwn = target.movedTo === model;
  if (!isThere(target) && (target.latestVersion === 0 || isOwn)) return;
  throw RegistryErrors.ModelExists(
    isThere(target)
      ? `Registered Model (name=${newName}) already exists.`
      : `Registered Model (name=${newName}) existed before and had ${target.latestVersion} versions, whose numbers are never given again; take another name`,
  );
}

async function movable(table: Table, workspace: string, head: ModelHead): Promise<ModelVersionFact[]> {
  const { model, latestVersion, gone, aliases } = head;
  const refuse = (why: string) =>
    RegistryErrors.ModelInUse(`Registered Model with name=${model} is not renamed: ${why}`);
  if (aliases.live !== undefined) throw refuse(`its version ${aliases.live} is live`);
  const numbers = Array.from({ length: latestVersion }, (_, i) => i + 1).filter((number) => !isGone(gone, number));
  if (numbers.length > MOST_RENAMED) {
    throw RegistryErrors.ModelTooLarge(
      `Registered Model with name=${model} is not renamed: it has ${numbers.length} versions, at most ${MOST_RENAMED} move at once`,
    );
  }
  const entries = await readLedger(table, modelRef(workspace, model));
  if (entries.some(({ action }) => action === 'spec-applied'))
    throw refuse('a spec names it; apply the spec under the new name');
  const facts = await Promise.all(numbers.map((number) => modelVersion(table, workspace, model, number)));
  const versions = facts.filter((fact) => fact !== undefined);
  if (versions.some(({ bundle }) => bundle)) throw refuse('it has bundles, whose evidence names it');
  if (head.longTags || versions.some(({ longTags }) => longTags)) {
    throw RegistryErrors.ModelTooLarge(
      `Registered Model with name=${model} is not renamed: it has tags of more than 1000 bytes, which would not all move at once`,
    );
  }
  return versions;
}
