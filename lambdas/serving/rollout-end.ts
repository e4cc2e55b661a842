import { derivedId } from '../shared/ids.ts';
import type { EndpointChange } from './change-endpoint.ts';
import type { EndpointFact } from './endpoint-fact.ts';
import { type RolloutFact, type RolloutStatus, rolloutItem, rolloutRef } from './rollout.ts';
import type { ServedEndpoint } from './served-endpoint.ts';

export interface Ending {
  status: Extract<RolloutStatus, 'refused' | 'rolled-back' | 'superseded' | 'failed'>;
  reason: string;
  at: string;
}

/** What becomes true when a rollout ends and its version is not live: the endpoint is free, the reason is told. */
export function rolloutEnd(
  { workspace: ws }: ServedEndpoint,
  state: EndpointFact,
  fact: RolloutFact,
  { status, reason, at }: Ending,
): EndpointChange {
  const next = state.running?.rollout === fact.id ? freed(state) : state;
  const ended: RolloutFact = { ...fact, status, reason, endedAt: at };
  return {
    next,
    facts: [
      {
        put: rolloutItem(ws, ended),
        when: { equals: { status: fact.status, attempt: fact.attempt } },
      },
    ],
    live: {
      rollout: rolloutRef(ws, fact.id),
      action: fact.steps.length > 0 ? 'rollout-rolled-back' : 'rollout-refused',
      actor: 'roll-out-model',
      at,
      tag: { version: fact.modelVersion, text: `${status}: ${reason}`.slice(0, 500) },
      detail: { status, endpoint: fact.endpoint, bundle: fact.bundle },
    },
    event: endedEvent(ws, ended),
  };
}

/** The endpoint's state without the rollout that had it. */
export function freed({ running: _running, candidate: _candidate, ...rest }: EndpointFact): EndpointFact {
  return rest;
}

/** That a rollout has ended, whoever waits for the endpoint or tells people. */
export const endedEvent = (ws: string, { id, endpoint, model, modelVersion, status }: RolloutFact) => ({
  id: derivedId('RolloutEnded', ws, id),
  workspace: ws,
  domain: 'serving',
  type: 'RolloutEnded',
  detail: { rollout: id, endpoint, model, modelVersion, status },
});
