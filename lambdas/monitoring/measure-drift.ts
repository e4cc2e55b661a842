import type * as z from 'zod';
import { endpointFact } from '../serving/contract.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { ConditionUnmet } from '../shared/table.ts';
import { appliedSpec } from '../training/contract.ts';
import { columnsDrift } from './columns-drift.ts';
import type { MeasureDriftInput } from './contract.ts';
import { type DriftReport, REPORT_KEPT_SECONDS, reportId, reportWrite } from './drift-report.ts';
import { readReport, readState, stateWrite } from './drift-state.ts';
import type { CheckResult } from './drift-view.ts';
import { unjudgedLot } from './endpoint-rows.ts';
import { MonitoringErrors } from './errors.ts';
import type { FindDeps } from './find-endpoints.ts';
import { readBaselineFile } from './live-baseline.ts';
import { windowIso } from './unjudged-rows.ts';
import { watchedEndpoint } from './watched-endpoint.ts';

export interface MeasureDeps extends FindDeps {
  bundles: ObjectStore;
}

/** Rows below which an index says more about chance than about drift, where the model's spec names no number. */
const MIN_ROWS = 200;

/**
 * Judges the rows that no check has judged yet, once there are enough of them: too few stay unjudged and are judged
 * together with the next ones. The report and the mark behind these rows are one transaction, and the same check again
 * answers with the same report.
 *
 * @throws RowsContended when another check judged these rows at the same time
 */
export async function measureDrift(
  deps: MeasureDeps,
  { workspace, endpoint, check }: z.output<typeof MeasureDriftInput>,
): Promise<CheckResult> {
  const { table } = deps;
  const watched = watchedEndpoint(deps.endpoints, endpoint, workspace);
  const state = await readState(table, workspace, endpoint);
  if (state && (state.check === check || state.unpublished)) {
    return measured((await readReport(table, workspace, state.report)) as DriftReport);
  }
  const live = (await endpointFact(table, workspace, endpoint))?.live;
  if (!live) return { endpoint, outcome: 'not-live' };
  const now = deps.clock();
  const lot = await unjudgedLot({ windows: deps.windows, now }, workspace, endpoint, live, state);
  const minRows = (await appliedSpec(table, workspace, watched.model))?.spec.drift.minRows ?? MIN_ROWS;
  if (lot.rows.rows < minRows) return { endpoint, outcome: 'too-few', rows: lot.rows.rows, minRows };

  const file = await readBaselineFile(deps.bundles, workspace, live.bundle);
  const { columns, output } = columnsDrift(file, lot.rows);
  const worst = [...columns, output].reduce((most, column) => (column.psi > most.psi ? column : most));
  const report: DriftReport = {
    id: reportId(endpoint, check),
    check,
    endpoint,
    model: watched.model,
    modelVersion: live.modelVersion,
    bundle: live.bundle,
    functionVersion: live.functionVersion,
    at: now.toISOString(),
    from: windowIso(lot.from),
    rows: lot.rows.rows,
    threshold: watched.driftPsi,
    maxPsi: worst.psi,
    worst: worst.name,
    columns,
    output,
  };
  const next = {
    functionVersion: live.functionVersion,
    mark: lot.next,
    check,
    report: report.id,
    unpublished: true,
  };
  try {
    await table.transact([
      stateWrite(workspace, endpoint, state, next),
      reportWrite(workspace, report, Math.floor(now.getTime() / 1000) + REPORT_KEPT_SECONDS),
    ]);
  } catch (cause) {
    if (!(cause instanceof ConditionUnmet)) throw cause;
    throw MonitoringErrors.RowsContended(`endpoint ${endpoint}: another check judged the same rows`, { cause });
  }
  return measured(report);
}

const measured = ({ endpoint, id, rows, maxPsi, worst }: DriftReport): CheckResult => ({
  endpoint,
  outcome: 'measured',
  report: id,
  rows,
  maxPsi,
  worst,
});
