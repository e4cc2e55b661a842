import { describeIssues } from '../shared/errors.ts';
import { parseJson } from '../shared/objects.ts';
import { Baseline, type BaselineColumn } from '../training/contract.ts';
import { columnDrift } from './drift.ts';
import type { ColumnDrift } from './drift-report.ts';
import { MonitoringErrors } from './errors.ts';
import type { RowCounts } from './unjudged-rows.ts';

/**
 * How far the rows lie from a bundle's baseline, column by column.
 *
 * @param file the bundle's `baseline.json`
 * @throws BaselineUnusable when the file is no baseline
 * @throws DriftInputInvalid when the rows were not counted by this baseline
 */
export function columnsDrift(file: Uint8Array, rows: RowCounts): { columns: ColumnDrift[]; output: ColumnDrift } {
  const { features, output } = readBaseline(file);
  return {
    columns: features.map((column) => driftOf(column, rows.features[column.name] ?? [])),
    output: driftOf(output, rows.outputs),
  };
}

function driftOf(column: BaselineColumn, window: readonly number[]): ColumnDrift {
  const { name, edges, counts, missing } = column;
  const { psi, ks, w1, js } = columnDrift(column, window);
  const bins = counts.map((_, i) => window[i] ?? 0);
  return {
    name,
    psi,
    ks,
    w1,
    js,
    bins: { edges, baseline: counts, window: bins },
    missing: { baseline: missing, window: window[counts.length] ?? 0 },
  };
}

function readBaseline(file: Uint8Array): Baseline {
  let value: unknown;
  try {
    value = parseJson(file);
  } catch (cause) {
    throw MonitoringErrors.BaselineUnusable('baseline.json: is not JSON', { cause });
  }
  const parsed = Baseline.safeParse(value);
  if (parsed.success) return parsed.data;
  throw MonitoringErrors.BaselineUnusable(`baseline.json: ${describeIssues(parsed.error, value)}`);
}
