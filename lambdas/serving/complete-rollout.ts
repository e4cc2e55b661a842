import { entirely, moveTo } from './alias-target.ts';
import { changeEndpoint } from './change-endpoint.ts';
import type { Deployment, EndpointFact } from './endpoint-fact.ts';
import { ServingErrors } from './errors.ts';
import { rolloutItem, rolloutRef } from './rollout.ts';
import { servesEdge } from './rollout-edges.ts';
import { endedEvent, freed } from './rollout-end.ts';
import { begun } from './shift-traffic.ts';
import { type Attempt, hasTurn, type RolloutDeps, requireTurn, turnOf } from './turn.ts';

/**
 * All traffic goes to the candidate, and from now on it is what is live: alias, registry, ledger, lineage, event.
 * Doing it again does nothing.
 *
 * @throws AliasMoved @throws AliasForeign @throws RolloutSuperseded @throws RolloutStopped
 */
export async function completeRollout(deps: RolloutDeps, attempt: Attempt): Promise<{ functionVersion: string }> {
  const named = await turnOf(deps, attempt);
  if (named.fact.status === 'completed') return { functionVersion: begun(named.fact).candidate.functionVersion };
  const { functionName, keptVersions } = named.endpoint;
  const alias = await deps.functions.alias(functionName);
  const { endpoint, fact } = await requireTurn(deps, attempt);
  const { candidate } = begun(fact);
  await moveTo(deps.functions, functionName, fact, alias, entirely(candidate.functionVersion));
  const at = deps.clock().toISOString();
  const ws = attempt.workspace;
  await changeEndpoint(deps.table, endpoint, async (state) => {
    if (!hasTurn({ endpoint, state, fact }, attempt)) {
      throw ServingErrors.RolloutSuperseded(
        `rollout ${fact.id}: attempt ${attempt.attempt} no longer has its endpoint`,
      );
    }
    const done = { ...fact, status: 'completed' as const, endedAt: at };
    return {
      next: nowLive(state, { ...candidate, since: at }, keptVersions),
      facts: [{ put: rolloutItem(ws, done), when: { equals: { status: 'running', attempt: fact.attempt } } }],
      live: {
        version: fact.modelVersion,
        rollout: rolloutRef(ws, fact.id),
        action: 'rollout-completed',
        actor: 'roll-out-model',
        at,
        detail: { endpoint: fact.endpoint, functionVersion: candidate.functionVersion, bundle: fact.bundle },
      },
      edges: [servesEdge(ws, fact)],
      event: endedEvent(ws, done),
    };
  });
  return { functionVersion: candidate.functionVersion };
}

/** What was live joins the kept ones, newest first; the oldest beyond the stage's number is no longer one move away. */
function nowLive(state: EndpointFact, live: Deployment, keptVersions: number): EndpointFact {
  const older = state.live ? [state.live, ...state.kept] : state.kept;
  const kept = older.filter(({ functionVersion }) => functionVersion !== live.functionVersion);
  return { ...freed(state), live, kept: kept.slice(0, keptVersions) };
}
