import type { LedgerEntry, Ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { EndpointFact } from './endpoint-fact.ts';
import type { AliasTarget, RolloutFact } from './rollout.ts';

/** `endpoint status`: the recorded state beside what the alias really says. */
export interface EndpointView extends Omit<EndpointFact, 'revision'> {
  /** Where the alias points now. */
  alias: AliasTarget;
  /** The rollout that has the endpoint, if any. */
  rollout?: RolloutFact;
  /** What the model's people want live. */
  champion?: number;
  /** True when a deploy changed the function's code since the live version was published. */
  codeDue: boolean;
}

/** What was live when: the model's ledger, its rollouts only, oldest first. */
export interface EndpointHistory {
  endpoint: string;
  model: string;
  entries: LedgerEntry[];
}

/** Where one prediction came from. */
export interface PredictionTrace {
  predictionId: string;
  endpoint: string;
  functionVersion: string;
  /** ISO 8601, UTC, to the millisecond. */
  at: string;
  model: string;
  modelVersion: number;
  bundle: Digest;
  rollout: string;
  /** The model version, from which lineage goes on. */
  ref: Ref;
}
