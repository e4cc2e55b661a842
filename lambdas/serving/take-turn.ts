import { ref } from '../lineage/contract.ts';
import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import { changeEndpoint, type EndpointChange } from './change-endpoint.ts';
import { type EndpointFact, endpointFact } from './endpoint-fact.ts';
import type { Executions } from './ports.ts';
import { hasEnded, type RolloutFact, rolloutFact, rolloutItem, rolloutRef } from './rollout.ts';
import { rolloutEnd } from './rollout-end.ts';
import type { ServedEndpoint } from './served-endpoint.ts';

export interface RequestDeps {
  table: Table;
  endpoints: readonly ServedEndpoint[];
  executions: Executions;
  clock: Clock;
}

/**
 * One rollout at a time has an endpoint. This lets the next one begin, if the one before is over:
 * - nothing runs: `wanted`, or else the one that waits, begins an attempt;
 * - one runs and its execution is dead: the next attempt of it begins, and what is wanted waits;
 * - one runs and lives: what is wanted waits, in the place of an older wish that waited, which is superseded.
 *
 * Whatever dies in between, calling it again goes on from there: the catalogue allocates, the execution follows.
 */
export async function takeTurn(deps: RequestDeps, endpoint: ServedEndpoint, wanted?: string): Promise<void> {
  const dead = await deadExecution(deps, endpoint);
  const state = await changeEndpoint(deps.table, endpoint, async (current) => {
    const { running } = current;
    const wish = await startable(deps, endpoint, wanted);
    if (!running) {
      const next = wish ?? (await startable(deps, endpoint, current.waiting));
      return next && attemptOf(deps, endpoint, current, next);
    }
    if (executionName(running) === dead) {
      const fact = await rolloutFact(deps.table, endpoint.workspace, running.rollout);
      return fact && attemptOf(deps, endpoint, current, fact);
    }
    const waits = wish && wish.id !== running.rollout && wish.id !== current.waiting;
    return waits ? queueUp(deps, endpoint, current, wish) : undefined;
  });
  const { running } = state;
  if (!running) return;
  const { rollout, attempt } = running;
  // Always: the function may have died between allocating the attempt and starting it. A started name starts nothing.
  await deps.executions.start(executionName(running), { workspace: endpoint.workspace, rollout, attempt });
}

const executionName = ({ rollout, attempt }: { rollout: string; attempt: number }): string => `${rollout}-${attempt}`;

/** The name of the endpoint's execution, if it ended without giving the endpoint back. */
async function deadExecution({ table, executions }: RequestDeps, { workspace, endpoint }: ServedEndpoint) {
  const running = (await endpointFact(table, workspace, endpoint))?.running;
  if (!running) return undefined;
  const status = await executions.status(executionName(running));
  return status === 'failed' || status === 'succeeded' ? executionName(running) : undefined;
}

/** The rollout of this id, if there is something left to do for it. */
async function startable({ table }: RequestDeps, { workspace }: ServedEndpoint, id: string | undefined) {
  const fact = id === undefined ? undefined : await rolloutFact(table, workspace, id);
  return fact && !hasEnded(fact) ? fact : undefined;
}

/** The next attempt of a rollout has the endpoint from now on. */
function attemptOf(
  { clock }: RequestDeps,
  { workspace: ws, model }: ServedEndpoint,
  state: EndpointFact,
  fact: RolloutFact,
): EndpointChange {
  const at = clock().toISOString();
  const attempt = fact.attempt + 1;
  const { waiting, ...rest } = state;
  const next: RolloutFact = { ...fact, status: 'running', attempt, startedAt: fact.startedAt ?? at };
  return {
    next: {
      ...rest,
      ...(waiting !== undefined && waiting !== fact.id && { waiting }),
      running: { rollout: fact.id, attempt },
    },
    facts: [{ put: rolloutItem(ws, next), when: { equals: { status: fact.status, attempt: fact.attempt } } }],
    entry: {
      subject: ref('model', ws, model),
      action: 'rollout-started',
      at,
      actor: fact.actor,
      detail: {
        rollout: rolloutRef(ws, fact.id),
        endpoint: fact.endpoint,
        version: fact.modelVersion,
        bundle: fact.bundle,
        attempt,
      },
    },
  };
}

/** `wish` waits for the endpoint; what waited before it is no longer wanted. */
async function queueUp(
  { table, clock }: RequestDeps,
  endpoint: ServedEndpoint,
  state: EndpointFact,
  wish: RolloutFact,
): Promise<EndpointChange> {
  const next = { ...state, waiting: wish.id };
  const before = state.waiting && (await rolloutFact(table, endpoint.workspace, state.waiting));
  if (!before || hasEnded(before)) return { next };
  const reason = `superseded by the wish for version ${wish.modelVersion} before it began`;
  return rolloutEnd(endpoint, next, before, { status: 'superseded', reason, at: clock().toISOString() });
}
