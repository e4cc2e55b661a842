/** What a step's evidence says to do. */
export type Decision = 'proceed' | 'hold' | 'roll-back';

/** What one version did while a step was watched. */
export interface VersionEvidence {
  functionVersion: string;
  requests: number;
  rows: number;
  /** Share of requests that failed. */
  errorRate: number;
  /** Share of rows without a finite answer. */
  nanRate: number;
  /** 99th percentile, in milliseconds; absent without requests. */
  latencyP99?: number;
}

/** One judgement of a step: the decision, why, and on what. */
export interface Verdict {
  decision: Decision;
  reason: string;
  /** ISO 8601, UTC. */
  at: string;
  live: VersionEvidence;
  candidate: VersionEvidence;
  /** Population stability index between the two versions' answers, less what chance alone explains. */
  outputShift: number;
}
