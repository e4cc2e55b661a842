import { type Caller, requireRole } from '../shared/caller.ts';
import { derivedId } from '../shared/ids.ts';
import type { RetryOptions } from '../shared/retry.ts';
import type { Role } from '../shared/route.ts';
import type { Table, Write } from '../shared/table.ts';
import { changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  CANDIDATE_TAG,
  checkModelName,
  type ModelVersionFact,
  modelRef,
  modelVersion,
  ROLLOUT_TAG,
  requireModel,
  requireThere,
  requireVersion,
  versionItem,
} from './model.ts';
import { latestByStage } from './stage.ts';

/** Setting `champion` asks for a rollout, so it is the engineer's; every other name is a scientist's note as well. */
const CHAMPION_ROLES: readonly Role[] = ['engineer'];
export const ALIAS_ROLES: readonly Role[] = ['scientist', 'engineer'];

export interface AliasChange {
  workspace: string;
  model: string;
  version: number;
  /** Token id or workflow that does it. */
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
}

/**
 * Makes a version the one that its people want live, and says so (`ChampionChosen`): whoever rolls out hears of it.
 * Doing it again does nothing, unless that version's rollout has meanwhile been refused or rolled back: then it is
 * asked for again, and the reason in its tag goes. The wish for a candidate holds at once, and its tag says what it
 * waits for: the rollout is asked for when it has become a bundle.
 *
 * @throws ModelMissing @throws ModelVersionMissing @throws ModelContended
 */
export async function setChampion(
  table: Table,
  { workspace, model, version, actor, at }: AliasChange,
  retry: RetryOptions = {},
): Promise<void> {
  await requireModel(table, workspace, model);
  await changeModel(table, { workspace, model, retry }, async (head) => {
    requireThere(head);
    const fact = await requireVersion(table, workspace, model, version);
    const { bundle } = fact;
    const isAsked = head.aliases.champion === version;
    const answered = bundle && fact.tags[ROLLOUT_TAG] !== undefined && head.aliases.live !== version;
    if (isAsked && !answered) return { found: undefined };
    const before = head.aliases.champion;
    const passed = before === undefined || isAsked ? [] : await waitsNoMore(table, workspace, model, before);
    const change = {
      head: { ...head, aliases: { ...head.aliases, champion: version } },
      facts: [{ put: versionItem(workspace, asked(fact)) }, ...passed],
      entry: {
        subject: modelRef(workspace, model),
        action: 'champion-chosen' as const,
        at,
        actor,
        detail: { version, bundle: bundle ?? null, before: before ?? null },
      },
      event: {
        // The revision tells a second wish for the same version from a retry of the first.
        id: derivedId('ChampionChosen', workspace, model, String(head.revision)),
        workspace,
        domain: 'registry',
        // Nothing of a candidate can be rolled out: whoever makes bundles hears of this wish instead.
        type: bundle ? 'ChampionChosen' : 'CandidateChosen',
        detail: { model, version, ...(bundle && { bundle }) },
      },
    };
    return { change, result: undefined };
  });
}

/**
 * Points a name at a version: `champion` as `setChampion`, any other as it is.
 * @throws AliasReserved for `live`, which rollouts alone move, and for MLflow's own `latest` and `v<digits>`
 * @throws AliasInvalid @throws RoleMissing @throws ModelMissing @throws ModelVersionMissing
 */
export async function setAlias(
  table: Table,
  { alias, caller, ...change }: Omit<AliasChange, 'actor'> & { alias: string; caller: Caller },
): Promise<{ model: string; alias: string; version: number }> {
  checkAlias(alias);
  checkModelName(change.model);
  const { model, version } = change;
  if (alias === 'champion') {
    requireRole(caller, CHAMPION_ROLES, 'the alias champion');
    await setChampion(table, { ...change, actor: caller.tokenId });
  } else {
    await pointFreeAlias(table, alias, change);
  }
  return { model, alias, version };
}

async function pointFreeAlias(
  table: Table,
  alias: string,
  { workspace, model, version }: Omit<AliasChange, 'actor'>,
): Promise<void> {
  await requireModel(table, workspace, model);
  await changeModel(table, { workspace, model }, async (head) => {
    requireThere(head);
    await requireVersion(table, workspace, model, version);
    if (head.aliases[alias] === version) return { found: undefined };
    if (!(alias in head.aliases) && Object.keys(head.aliases).length >= MAX_ALIASES) {
      throw RegistryErrors.AliasInvalid(`alias: got ${alias}, model ${model} has ${MAX_ALIASES} aliases already`);
    }
    return { change: { head: { ...head, aliases: { ...head.aliases, [alias]: version } } }, result: undefined };
  });
}

/** They all stand in the model's one item, which every registration writes. */
const MAX_ALIASES = 100;

/**
 * Takes a name off whichever version it points at; one that points at none is gone already. Without champion nothing
 * is rolled back: what is live stays live.
 * @throws AliasReserved @throws RoleMissing @throws ModelMissing
 */
export async function deleteAlias(
  table: Table,
  { workspace, model, alias, caller, at }: Omit<AliasChange, 'actor' | 'version'> & { alias: string; caller: Caller },
): Promise<void> {
  checkAlias(alias);
  checkModelName(model);
  if (alias === 'champion') requireRole(caller, CHAMPION_ROLES, 'the alias champion');
  await changeModel(table, { workspace, model }, async (head) => {
    requireThere(head);
    const { [alias]: version, ...aliases } = head.aliases;
    if (version === undefined) return { found: undefined };
    if (alias !== 'champion') return { change: { head: { ...head, aliases } }, result: undefined };
    const entry = {
      subject: modelRef(workspace, model),
      action: 'champion-withdrawn' as const,
      at,
      actor: caller.tokenId,
      detail: { version },
    };
    const facts = await waitsNoMore(table, workspace, model, version);
    return { change: { head: { ...head, aliases }, facts, entry }, result: undefined };
  });
}

/**
 * The number that an alias points at; `latest` is the highest there is, as clients ask for it.
 * @throws AliasMissing @throws AliasInvalid @throws ModelMissing @throws ModelVersionMissing
 */
export async function versionOfAlias(table: Table, workspace: string, model: string, alias: string): Promise<number> {
  checkAliasText(alias);
  const head = await requireModel(table, workspace, model);
  if (alias.toLowerCase() === 'latest') {
    const latest = Math.max(...latestByStage(head).values());
    if (latest > 0) return latest;
    throw RegistryErrors.ModelVersionMissing(`Latest version not found for model ${model}.`);
  }
  const version = Object.hasOwn(head.aliases, alias) ? head.aliases[alias] : undefined;
  if (version !== undefined) return version;
  throw RegistryErrors.AliasMissing(`Registered model alias ${alias} not found.`);
}

/** MLflow's rules and texts (mlflow/utils/validation.py), and `live`. */
function checkAlias(alias: string): void {
  checkAliasText(alias);
  if (alias === 'live') {
    throw RegistryErrors.AliasReserved('alias: got live, which rollouts alone move; set champion to ask for one');
  }
  if (alias.toLowerCase() === 'latest') {
    throw RegistryErrors.AliasReserved("'latest' alias name (case insensitive) is reserved.");
  }
  if (/^v\d+$/i.test(alias)) throw RegistryErrors.AliasReserved(`Version alias name '${alias}' is reserved.`);
}

function checkAliasText(alias: string): void {
  if (alias === '') throw RegistryErrors.AliasInvalid('Registered model alias name cannot be empty.');
  // `__proto__` and its kind would be no member of the aliases at all.
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias) || alias in {}) {
    throw RegistryErrors.AliasInvalid(
      `Invalid alias name: '${alias.slice(0, 80)}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  if ([...alias].length > 255) {
    throw RegistryErrors.AliasInvalid("'Registered model alias name' exceeds the maximum length of 255 characters");
  }
}

/** A candidate that is no champion any more waits for no rollout. */
async function waitsNoMore(table: Table, workspace: string, model: string, version: number): Promise<Write[]> {
  const fact = await modelVersion(table, workspace, model, version);
  if (!fact || fact.bundle || fact.tags[ROLLOUT_TAG] === undefined) return [];
  const { [ROLLOUT_TAG]: _gone, ...tags } = fact.tags;
  return [{ put: versionItem(workspace, { ...fact, tags }) }];
}

/** The version as it is once its rollout was asked for: without the last answer, or with what a candidate waits for. */
function asked(fact: ModelVersionFact): ModelVersionFact {
  const { [ROLLOUT_TAG]: _gone, ...tags } = fact.tags;
  if (fact.bundle) return { ...fact, tags };
  return {
    ...fact,
    tags: { ...tags, [ROLLOUT_TAG]: `candidate: ${tags[CANDIDATE_TAG] ?? 'waits to become a bundle'}` },
  };
}
