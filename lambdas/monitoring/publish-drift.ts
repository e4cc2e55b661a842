import { ConditionUnmet, type Table } from '../shared/table.ts';
import type { DriftReport } from './drift-report.ts';
import { readReport, readState, stateWrite } from './drift-state.ts';
import type { EndpointToCheck } from './find-endpoints.ts';
import { driftMetric } from './names.ts';
import type { PublishMetric } from './ports.ts';

export interface PublishDeps {
  table: Table;
  publish: PublishMetric;
}

/**
 * Publishes the figure of an endpoint's last report, unless it is. A report is written before its figure is published,
 * so that whoever hears the alarm finds it; a figure that a broken check left behind is published by the next check.
 */
export async function publishDrift({ table, publish }: PublishDeps, { workspace, endpoint }: EndpointToCheck) {
  const state = await readState(table, workspace, endpoint);
  if (!state?.unpublished) return { published: false };
  const report = (await readReport(table, workspace, state.report)) as DriftReport;
  await publish(driftMetric(endpoint), report.maxPsi);
  try {
    await table.transact([stateWrite(workspace, endpoint, state, { ...state, unpublished: false })]);
  } catch (error) {
    // Another check published the same figure in the meantime: a maximum is the same with it twice.
    if (!(error instanceof ConditionUnmet)) throw error;
  }
  return { published: true };
}
