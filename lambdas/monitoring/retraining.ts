import { partitionOf, type Ref, ref } from '../lineage/contract.ts';
import type { Item, Key, Table } from '../shared/table.ts';
import type { DriftAlarm } from './drift-alarm.ts';

/** A retraining that drift asked for. */
export interface RetrainingFact {
  /** `<model>/<number>`: the path of its reference. */
  id: string;
  model: string;
  number: number;
  endpoint: string;
  reason: string;
  requestedAt: string;
  /** The firing that asked for it. */
  alarm: { at: string; reason: string };
  /** Id of the drift report that shows why; none when the alarm fired without one. */
  report?: string;
  /** What the training starts once for. */
  dedupe: string;
  /** Firings since the retraining before it that were let go by, its cooldown running. */
  suppressedBefore: number;
}

/** The one row for each model that every decision is made on. */
export interface RetrainingHead {
  /** Retrainings so far; the last one's number. */
  number: number;
  /** The firing that asked for the last one. */
  alarm: string;
  alarmAt: string;
  /** Firings let go by since then: a count and the last of them, so that they never grow. */
  suppressed: number;
  lastSuppressed: string;
}

const NEVER: RetrainingHead = { number: 0, alarm: '', alarmAt: '', suppressed: 0, lastSuppressed: '' };

export const retrainingId = (model: string, number: number): string => `${model}/${number}`;
export const retrainingRef = (workspace: string, id: string): Ref => ref('retraining', workspace, id);
export const headKey = (workspace: string, model: string): Key => ({
  pk: partitionOf(ref('retraining', workspace, model)),
  sk: 'head',
});

/** One firing of one alarm, however often its message comes. */
export const firingOf = ({ endpoint, at }: Pick<DriftAlarm, 'endpoint' | 'at'>): string => `${endpoint}@${at}`;

export type Verdict = 'retrain' | 'suppress' | 'known';

/**
 * Whether a firing starts a retraining. The cooldown runs from the firing that asked for the last one, by CloudWatch's
 * clock alone: a message that is delivered late is judged as if it had been on time.
 */
export function judgeFiring(head: RetrainingHead, alarm: DriftAlarm, cooldownMinutes: number): Verdict {
  const firing = firingOf(alarm);
  if (firing === head.alarm || firing === head.lastSuppressed) return 'known';
  if (head.number === 0) return 'retrain';
  return Date.parse(alarm.at) < Date.parse(head.alarmAt) + cooldownMinutes * 60_000 ? 'suppress' : 'retrain';
}

export async function readHead(table: Table, workspace: string, model: string): Promise<RetrainingHead> {
  return ((await table.get(headKey(workspace, model))) as (Item & RetrainingHead) | undefined) ?? NEVER;
}
