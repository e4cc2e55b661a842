import { factKey, type Ref, ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Item, Write } from '../shared/table.ts';

/** How far one column's rows lie from the baseline, and the two histograms to draw. */
export interface ColumnDrift {
  name: string;
  /** Population stability index: below 0.1 is calm, from 0.2 on is drift (the usual reading). */
  psi: number;
  /** Kolmogorov–Smirnov distance over the bins, 0 to 1. */
  ks: number;
  /** First Wasserstein distance, in the column's own unit. */
  w1: number;
  /** Jensen–Shannon divergence in bits, 0 to 1. */
  js: number;
  /** Rows by bin of the baseline; `edges` lie between the bins and so are one fewer. */
  bins: { edges: number[]; baseline: number[]; window: number[] };
  /** Rows without a value. */
  missing: { baseline: number; window: number };
}

/** What one check found at one endpoint. The rows of one report are in no other. */
export interface DriftReport {
  /** `<endpoint>/<check>`: the path of the report's reference. */
  id: string;
  check: string;
  endpoint: string;
  model: string;
  modelVersion: number;
  bundle: Digest;
  functionVersion: string;
  /** ISO 8601, UTC. */
  at: string;
  /** Where the first window that was read begins. */
  from: string;
  rows: number;
  /** Index from which the endpoint's alarm fires. */
  threshold: number;
  /** The largest index of all columns, and whose it is: what the metric says. */
  maxPsi: number;
  worst: string;
  columns: ColumnDrift[];
  output: ColumnDrift;
}

export const reportId = (endpoint: string, check: string): string => `${endpoint}/${check}`;
export const reportRef = (workspace: string, id: string): Ref => ref('drift-report', workspace, id);

/** Seconds that a report is kept; one that a retraining came of is written again without an end. */
export const REPORT_KEPT_SECONDS = 90 * 24 * 3600;

/** `expiresAt` is in seconds since the epoch. Writing a report again changes nothing but its end. */
export const reportWrite = (workspace: string, report: DriftReport, expiresAt?: number): Write => ({
  put: { ...factKey(reportRef(workspace, report.id)), ...report, ...(expiresAt && { expiresAt }) } as unknown as Item,
});
