import type { DriftReport } from './drift-report.ts';

/** What a check did at one endpoint. */
export type CheckResult =
  | { endpoint: string; outcome: 'measured'; report: string; rows: number; maxPsi: number; worst: string }
  /** The rows wait for more of them: they are judged with the next ones. */
  | { endpoint: string; outcome: 'too-few'; rows: number; minRows: number }
  | { endpoint: string; outcome: 'not-live' }
  | { endpoint: string; outcome: 'failed'; error: string };

export interface CheckView {
  check: string;
  status: 'running' | 'succeeded' | 'failed';
  startedAt: string;
  endedAt?: string;
  /** One for each endpoint that had new rows; there when the check has ended. */
  results: CheckResult[];
  error?: string;
}

/** `unknown` before the alarm's first change. */
export type AlarmState = 'ok' | 'alarm' | 'unknown';

/** A check that could not judge an endpoint. */
export interface CheckFailure {
  check: string;
  error: string;
  reason: string;
  at: string;
}

export interface DriftView {
  endpoint: string;
  model: string;
  threshold: number;
  alarm: AlarmState;
  /** Since when: ISO 8601, UTC. */
  alarmSince?: string;
  /** The last report; none before the first check with enough rows. */
  report?: DriftReport;
  /** The last failure, when it is newer than the report. */
  failure?: CheckFailure;
}
