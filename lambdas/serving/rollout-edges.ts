import { type Edge, ref } from '../lineage/contract.ts';
import { endpointRef } from './endpoint-fact.ts';
import { type RolloutFact, rolloutRef } from './rollout.ts';

/** What a rollout is about: its bundle, its model version and its endpoint. */
export function rolloutEdges(ws: string, { id, bundle, model, modelVersion, endpoint }: RolloutFact): Edge[] {
  const from = rolloutRef(ws, id);
  return [
    { from, relation: 'rolled-out', to: ref('bundle', ws, bundle) },
    { from, relation: 'rolled-out', to: ref('model-version', ws, `${model}/${modelVersion}`) },
    { from: endpointRef(ws, endpoint), relation: 'caused-by', to: from },
  ];
}

/** That an endpoint serves, or served, a version: what a prediction is followed along. */
export const servesEdge = (
  ws: string,
  { endpoint, model, modelVersion }: Pick<RolloutFact, 'endpoint' | 'model' | 'modelVersion'>,
): Edge => ({
  from: endpointRef(ws, endpoint),
  relation: 'serves',
  to: ref('model-version', ws, `${model}/${modelVersion}`),
});
