import type { Clock } from '../shared/clock.ts';
import { derivedId } from '../shared/ids.ts';
import { retrying } from '../shared/retry.ts';
import type { Table } from '../shared/table.ts';
import { entirely, isOurs, sameTarget } from './alias-target.ts';
import { changeEndpoint } from './change-endpoint.ts';
import { type EndpointFact, endpointState } from './endpoint-fact.ts';
import { ServingErrors } from './errors.ts';
import type { EndpointFunctions } from './ports.ts';
import { type AliasTarget, type RolloutFact, rolloutFact, rolloutRef } from './rollout.ts';
import { servesEdge } from './rollout-edges.ts';
import { rolloutEnd } from './rollout-end.ts';
import type { ServedEndpoint } from './served-endpoint.ts';
import { stopReason } from './turn.ts';

export interface RollBackDeps {
  table: Table;
  functions: EndpointFunctions;
  clock: Clock;
}

export interface RollBackWish {
  /** The function version seen live. @default whatever is live */
  from?: string;
  /** Names what asks for it: the same key again moves nothing twice. */
  once?: string;
  reason: string;
  actor: string;
}

/**
 * Ends the rollout that runs, if one does: its candidate gets no more traffic. Otherwise the version that was live
 * before is live again. The decision is on record before the alias moves and finished by whoever comes next, so dying in
 * between leaves nothing half done, and the same call again moves nothing twice.
 *
 * @throws AliasMoved when another version than `from` is live @throws NothingToRollBackTo
 */
export async function rollBack(deps: RollBackDeps, endpoint: ServedEndpoint, wish: RollBackWish): Promise<void> {
  const { reason, actor, from, once } = wish;
  const state = await changeEndpoint(deps.table, endpoint, async (current) => {
    if (current.returning || (once !== undefined && current.heard === once)) return undefined;
    if (from !== undefined && current.live?.functionVersion !== from) {
      throw ServingErrors.AliasMoved(`from: got ${from}, live is ${current.live?.functionVersion ?? 'nothing'}`);
    }
    const { running } = current;
    const heard = once === undefined ? {} : { heard: once };
    if (running?.stop) return undefined;
    if (running) return { next: { ...current, ...heard, running: { ...running, stop: { actor, reason } } } };
    const [to] = current.kept;
    if (!to) throw ServingErrors.NothingToRollBackTo(`endpoint ${endpoint.endpoint}: keeps no version from before`);
    const rollback = derivedId('rollback', endpoint.workspace, endpoint.endpoint, String(current.revision));
    return {
      next: { ...current, ...heard, returning: { rollback, to, actor, reason, at: deps.clock().toISOString() } },
    };
  });
  if (state.running?.stop) await stopRollout(deps, endpoint, state.running);
  if (state.returning) await finishReturn(deps, endpoint);
}

/** Takes the traffic from the candidate of a rollout that was stopped, and records its end. */
async function stopRollout(
  deps: RollBackDeps,
  endpoint: ServedEndpoint,
  { rollout, stop }: NonNullable<EndpointFact['running']>,
): Promise<void> {
  const fact = await rolloutFact(deps.table, endpoint.workspace, rollout);
  if (!fact || !stop) return;
  if (fact.before) await putBack(deps, endpoint, fact, fact.before);
  await changeEndpoint(deps.table, endpoint, async (current) => {
    const now = await rolloutFact(deps.table, endpoint.workspace, rollout);
    if (now?.status !== 'running' || current.running?.rollout !== rollout) return undefined;
    return rolloutEnd(endpoint, current, now, {
      status: 'rolled-back',
      reason: stopReason(stop),
      at: deps.clock().toISOString(),
    });
  });
}

/** The rollout's own steps move the same alias until they see that it was stopped. */
function putBack(
  { functions }: RollBackDeps,
  { functionName }: ServedEndpoint,
  fact: RolloutFact,
  target: AliasTarget,
): Promise<void> {
  const move = async () => {
    const alias = await functions.alias(functionName);
    if (!sameTarget(alias, target) && isOurs(alias, fact)) {
      await functions.moveAlias(functionName, target, alias.revision);
    }
  };
  return retrying(move, (error) => error instanceof Error && error.name === 'AliasMoved');
}

/** Finishes a decided return to a kept version, if one is on record: alias, registry, ledger. */
export async function finishReturn(deps: RollBackDeps, endpoint: ServedEndpoint): Promise<void> {
  const { workspace, functionName } = endpoint;
  const { returning } = await endpointState(deps.table, workspace, endpoint.endpoint, endpoint.model);
  if (!returning) return;
  const { rollback, to, actor, reason, at } = returning;
  const move = async () => {
    const alias = await deps.functions.alias(functionName);
    const target = entirely(to.functionVersion);
    if (!sameTarget(alias, target)) await deps.functions.moveAlias(functionName, target, alias.revision);
  };
  await retrying(move, (error) => error instanceof Error && error.name === 'AliasMoved');
  await changeEndpoint(deps.table, endpoint, async (current) => {
    if (current.returning?.rollback !== rollback) return undefined;
    const { returning: _done, live, ...rest } = current;
    const kept = current.kept.filter(({ functionVersion }) => functionVersion !== to.functionVersion);
    return {
      next: { ...rest, live: { ...to, since: at }, kept },
      live: {
        version: to.modelVersion,
        rollout: rolloutRef(workspace, rollback),
        action: 'rollout-rolled-back',
        actor,
        at,
        ...(live && { tag: { version: live.modelVersion, text: `rolled-back: ${stopReason({ actor, reason })}` } }),
        detail: { endpoint: endpoint.endpoint, functionVersion: to.functionVersion, bundle: to.bundle, reason },
      },
      edges: [servesEdge(workspace, { ...endpoint, modelVersion: to.modelVersion })],
    };
  });
}
