import { readLedger, ref } from '../lineage/contract.ts';
import { modelFact } from '../registry/contract.ts';
import type { Table } from '../shared/table.ts';
import { deploymentOf, endpointState } from './endpoint-fact.ts';
import { ServingErrors } from './errors.ts';
import type { EndpointFunctions } from './ports.ts';
import { parsePredictionId } from './prediction-id.ts';
import { type RolloutFact, rolloutFact } from './rollout.ts';
import { type ServedEndpoint, servedEndpoint } from './served-endpoint.ts';
import type { EndpointHistory, EndpointView, PredictionTrace } from './views.ts';

export interface ShowDeps {
  table: Table;
  functions: EndpointFunctions;
  endpoints: readonly ServedEndpoint[];
}

/** What an endpoint serves, beside where its alias really points and what its people want. */
export async function showEndpoint(
  { table, functions }: Omit<ShowDeps, 'endpoints'>,
  { workspace, endpoint, model, functionName }: ServedEndpoint,
): Promise<EndpointView> {
  const [{ revision: _revision, ...state }, head, alias, latest] = await Promise.all([
    endpointState(table, workspace, endpoint, model),
    modelFact(table, workspace, model),
    functions.alias(functionName),
    functions.describe(functionName),
  ]);
  const running = state.running && (await rolloutFact(table, workspace, state.running.rollout));
  const { functionVersion, weights } = alias;
  return {
    ...state,
    alias: { functionVersion, weights },
    ...(running && { rollout: running }),
    ...(head?.aliases.champion !== undefined && { champion: head.aliases.champion }),
    codeDue: state.live !== undefined && state.live.codeSha256 !== latest.codeSha256,
  };
}

const ROLLOUTS = /^rollout-/;

/** The ledger entries of rollouts to this endpoint; those of a model's other endpoints are theirs. */
export async function showHistory(
  { table }: Pick<ShowDeps, 'table'>,
  { workspace, endpoint, model }: ServedEndpoint,
): Promise<EndpointHistory> {
  const entries = await readLedger(table, ref('model', workspace, model));
  const own = entries.filter(({ action, detail }) => ROLLOUTS.test(action) && detail['endpoint'] === endpoint);
  return { endpoint, model, entries: own };
}

/** @throws RolloutUnknown */
export async function showRollout(table: Table, workspace: string, id: string): Promise<RolloutFact> {
  const fact = await rolloutFact(table, workspace, id);
  if (fact) return fact;
  throw ServingErrors.RolloutUnknown(`rollout: got ${id}, there is none of this id in workspace ${workspace}`);
}

/**
 * Where a prediction came from: its id names endpoint, version and time, the catalogue says what that version is.
 * @throws PredictionUnknown for an id that no version of an endpoint here can have given
 */
export async function tracePrediction(
  { table, endpoints }: Pick<ShowDeps, 'table' | 'endpoints'>,
  workspace: string,
  predictionId: string,
): Promise<PredictionTrace> {
  const parts = parsePredictionId(predictionId);
  const unknown = (why: string) =>
    ServingErrors.PredictionUnknown(`predictionId: got ${JSON.stringify(predictionId)}, ${why}`);
  if (!parts) throw unknown('an id is 26 letters and digits, a function version and an endpoint');
  const { model } = servedEndpoint(endpoints, workspace, parts.endpoint);
  const made = await deploymentOf(table, workspace, parts.endpoint, parts.functionVersion);
  if (!made) throw unknown(`endpoint ${parts.endpoint} has no version ${parts.functionVersion}`);
  if (parts.at < made.since) throw unknown(`version ${parts.functionVersion} was published at ${made.since}`);
  const { modelVersion, bundle, rollout } = made;
  return {
    predictionId,
    ...parts,
    model,
    modelVersion,
    bundle,
    rollout,
    ref: ref('model-version', workspace, `${model}/${modelVersion}`),
  };
}
