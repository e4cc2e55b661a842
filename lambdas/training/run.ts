import type { Digest } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import type { GateResult } from './gate.ts';

export const RUN_STATUSES = ['running', 'succeeded', 'rejected', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** One training of one model: what it was asked to do, and how it ended. */
export interface RunFact {
  runId: string;
  model: string;
  /** `rejected`: trained and judged, the gate did not pass; nothing was registered. */
  status: RunStatus;
  spec: Digest;
  dataset: string;
  datasetVersion: Digest;
  /** The commit of the applied spec, and whether files were changed beside it. */
  commit: string;
  dirty: boolean;
  /** Why it was started, in words. */
  reason: string;
  /** Token id or rule that asked for it. */
  actor: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  endedAt?: string;
  /** Counts executions: a new one only after the one before ended failed. */
  attempt: number;
  /** Of the challenger on the test split. */
  metrics?: Record<string, number>;
  /** Every check with what was asked and what was found. */
  gate?: GateResult;
  bundle?: Digest;
  version?: number;
  error?: { name: string; message: string };
  /** The version made with a client that the run judges instead of training one. */
  adopts?: number;
  /** The earlier run whose trained model was taken, as spec, data and trainer were the same. */
  reusedFrom?: string;
}

/** The same request is the same run, however often it arrives. */
export const runIdOf = (workspace: string, model: string, dedupe: string): string =>
  derivedId('run', workspace, model, dedupe);

/** Step Functions takes at most 80 characters; the run id stands for the dedupe key. */
export const executionName = (runId: string, attempt: number): string => `${runId}-${attempt}`;

/** Where a run's files lie in the artifacts zone. */
export const runKey = (workspace: string, runId: string, file: string): string => `${workspace}/runs/${runId}/${file}`;
