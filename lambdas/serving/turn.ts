import { modelFact } from '../registry/contract.ts';
import type { Clock } from '../shared/clock.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import { type EndpointFact, endpointState } from './endpoint-fact.ts';
import { ServingErrors } from './errors.ts';
import type { EndpointFunctions } from './ports.ts';
import { type RolloutFact, rolloutFact, rolloutItem } from './rollout.ts';
import { type ServedEndpoint, servedEndpoint } from './served-endpoint.ts';

/** What the steps of a rollout work with. */
export interface RolloutDeps {
  table: Table;
  windows: Table;
  bundles: ObjectStore;
  /** PEM of the stage's signing key, from the key service itself. */
  publicKeyPem: () => Promise<string>;
  functions: EndpointFunctions;
  endpoints: readonly ServedEndpoint[];
  clock: Clock;
  sleep: (ms: number) => Promise<unknown>;
}

/** Which attempt of which rollout a step belongs to: the execution's own input. */
export interface Attempt {
  workspace: string;
  rollout: string;
  attempt: number;
}

export interface Turn {
  endpoint: ServedEndpoint;
  state: EndpointFact;
  fact: RolloutFact;
}

/** @throws RolloutUnknown @throws EndpointUnknown */
export async function turnOf({ table, endpoints }: RolloutDeps, { workspace, rollout }: Attempt): Promise<Turn> {
  const fact = await rolloutFact(table, workspace, rollout);
  if (!fact) throw ServingErrors.RolloutUnknown(`rollout: got ${rollout}, there is none of this id`);
  const endpoint = servedEndpoint(endpoints, workspace, fact.endpoint);
  return { endpoint, fact, state: await endpointState(table, workspace, fact.endpoint, fact.model) };
}

/** Whether the endpoint is still this attempt's. */
export const hasTurn = ({ state, fact }: Turn, { rollout, attempt }: Attempt): boolean =>
  fact.status === 'running' && state.running?.rollout === rollout && state.running.attempt === attempt;

/**
 * That the endpoint is still this attempt's, and that its version is still wanted. Whoever moves the alias reads the
 * alias first, then asks this, then moves it by the revision it read: an attempt that lost its turn moves nothing.
 *
 * @throws RolloutSuperseded @throws RolloutStopped
 */
export async function requireTurn(deps: RolloutDeps, attempt: Attempt): Promise<Turn> {
  const turn = await turnOf(deps, attempt);
  const { state, fact } = turn;
  if (!hasTurn(turn, attempt)) {
    throw ServingErrors.RolloutSuperseded(`rollout ${fact.id}: attempt ${attempt.attempt} no longer has its endpoint`);
  }
  if (state.running?.stop) throw ServingErrors.RolloutStopped(stopReason(state.running.stop));
  const champion = (await modelFact(deps.table, attempt.workspace, fact.model))?.aliases.champion;
  if (champion !== fact.modelVersion) {
    throw ServingErrors.RolloutSuperseded(
      `superseded: version ${champion ?? 'none'} is champion now, this rollout is of version ${fact.modelVersion}`,
    );
  }
  return turn;
}

export const stopReason = ({ actor, reason }: { actor: string; reason: string }): string =>
  `stopped by ${actor}: ${reason}`;

/**
 * Stores what a step found, while the attempt is still the one that runs.
 * @throws RolloutSuperseded
 */
export async function saveRollout(table: Table, ws: string, fact: RolloutFact): Promise<void> {
  try {
    const when = { equals: { status: 'running', attempt: fact.attempt } };
    await table.transact([{ put: rolloutItem(ws, fact), when }]);
  } catch (error) {
    if (!(error instanceof ConditionUnmet)) throw error;
    throw ServingErrors.RolloutSuperseded(`rollout ${fact.id}: attempt ${fact.attempt} no longer has its endpoint`);
  }
}
