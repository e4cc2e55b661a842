import { factKey, factOf, partitionOf, type Ref, ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Item, Table } from '../shared/table.ts';
import { type Deployment, endpointRef } from './endpoint-fact.ts';
import type { RolloutSettings } from './rollout-settings.ts';
import type { Verdict } from './verdict.ts';

/**
 * `waiting` for the endpoint, `running`, or ended: `completed` is live; `refused` never had traffic; `rolled-back`
 * had some; `superseded` by a newer wish; `failed` for the platform's own reasons, alias as it was.
 */
export const ROLLOUT_STATUSES = [
  'waiting',
  'running',
  'completed',
  'refused',
  'rolled-back',
  'superseded',
  'failed',
] as const;
export type RolloutStatus = (typeof ROLLOUT_STATUSES)[number];

/** Where an alias points: one version, and perhaps a share of the traffic at another. */
export interface AliasTarget {
  functionVersion: string;
  /** Share of traffic, 0 to 1, by version. */
  weights: Record<string, number>;
}

/** How the golden set came out on the published version. */
export interface GoldenResult {
  passed: boolean;
  /** What the candidate runs on, beside the bundle's own record of its training: `node/24.21.0 onnxruntime/1.30.0`. */
  runtime: string;
  rows: number;
  /** The largest absolute difference, and what was allowed. */
  worst: number;
  tolerance: number;
  reason?: string;
}

/** One step of traffic, with the evidence it was judged by. */
export interface RolloutStep {
  weight: number;
  /** ISO 8601, UTC. */
  from: string;
  /** The last judgement of it. */
  verdict?: Verdict;
}

/** The change of an endpoint from one bundle to another, with its steps, evidence and end. */
export interface RolloutFact {
  id: string;
  endpoint: string;
  model: string;
  modelVersion: number;
  bundle: Digest;
  /** Token id or event that asked for it. */
  actor: string;
  requestedAt: string;
  status: RolloutStatus;
  /** Executions begun so far: the running one is `<id>-<attempt>`. */
  attempt: number;
  startedAt?: string;
  endedAt?: string;
  /** As they were in the spec when it began. */
  settings?: RolloutSettings;
  /** What the alias was when it began, and is again after any end but `completed`. */
  before?: AliasTarget;
  candidate?: Deployment;
  golden?: GoldenResult;
  steps: RolloutStep[];
  /** Why it ended as it did. */
  reason?: string;
}

export const hasEnded = ({ status }: Pick<RolloutFact, 'status'>): boolean =>
  status !== 'waiting' && status !== 'running';

export const rolloutRef = (ws: string, id: string): Ref => ref('rollout', ws, id);

export async function rolloutFact(table: Table, ws: string, id: string): Promise<RolloutFact | undefined> {
  return (await factOf(table, rolloutRef(ws, id))) as RolloutFact | undefined;
}

export const rolloutItem = (ws: string, fact: RolloutFact): Item =>
  ({ ...factKey(rolloutRef(ws, fact.id)), ...fact }) as unknown as Item;

const LISTING = 'rollout#';

/** The row by which an endpoint lists its rollouts in the order they were asked for. */
export const rolloutListing = (ws: string, { id, endpoint, requestedAt }: RolloutFact) => ({
  put: { pk: partitionOf(endpointRef(ws, endpoint)), sk: `${LISTING}${requestedAt}#${id}`, rollout: id },
});

/** An endpoint's rollouts, newest first. */
export async function listRollouts(table: Table, ws: string, endpoint: string, limit: number): Promise<RolloutFact[]> {
  const rows = await table.query(partitionOf(endpointRef(ws, endpoint)), { prefix: LISTING, descending: true, limit });
  const facts = await Promise.all(rows.map((row) => rolloutFact(table, ws, String(row['rollout']))));
  return facts.filter((fact) => fact !== undefined);
}
