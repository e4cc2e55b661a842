import { type Caller, requireRole } from '../shared/caller.ts';
import { derivedId } from '../shared/ids.ts';
import type { RetryOptions } from '../shared/retry.ts';
import type { Role } from '../shared/route.ts';
import type { Table } from '../shared/table.ts';
import { changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  checkModelName,
  type ModelVersionFact,
  modelRef,
  ROLLOUT_TAG,
  requireModel,
  requireVersion,
  versionItem,
} from './model.ts';

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
 * asked for again, and the reason in its tag goes.
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
    const fact = await requireVersion(table, workspace, model, version);
    const answered = fact.tags[ROLLOUT_TAG] !== undefined && head.aliases.live !== version;
    if (head.aliases.champion === version && !answered) return { found: undefined };
    const { bundle } = fact;
    const change = {
      head: { ...head, aliases: { ...head.aliases, champion: version } },
      facts: [{ put: versionItem(workspace, withoutTag(fact, ROLLOUT_TAG)) }],
      entry: {
        subject: modelRef(workspace, model),
        action: 'champion-chosen' as const,
        at,
        actor,
        detail: { version, bundle, before: head.aliases.champion ?? null },
      },
      event: {
        // The revision tells a second wish for the same version from a retry of the first.
        id: derivedId('ChampionChosen', workspace, model, String(head.revision)),
        workspace,
        domain: 'registry',
        type: 'ChampionChosen',
        detail: { model, version, bundle },
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
    requireRole(caller, CHAMPION_ROLES);
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

/** MLflow's rules (mlflow/utils/validation.py), and `live`. */
function checkAlias(alias: string): void {
  if (alias === 'live') {
    throw RegistryErrors.AliasReserved('alias: got live, which rollouts alone move; set champion to ask for one');
  }
  if (alias.toLowerCase() === 'latest' || /^v\d+$/i.test(alias)) {
    throw RegistryErrors.AliasReserved(`alias: got ${alias}, MLflow keeps latest and v<digits> for itself`);
  }
  // `__proto__` and its kind would be no member of the aliases at all.
  if (!/^[\w-]{1,255}$/.test(alias) || alias in {}) {
    throw RegistryErrors.AliasInvalid(
      `alias: got ${JSON.stringify(alias.slice(0, 80))}, an alias is 1 to 255 letters, digits, underscores or hyphens`,
    );
  }
}

function withoutTag(fact: ModelVersionFact, tag: string): ModelVersionFact {
  const { [tag]: _gone, ...tags } = fact.tags;
  return { ...fact, tags };
}
