import type { Table } from '../shared/table.ts';
import { readAlarm, readFailure, readReport, readState } from './drift-state.ts';
import type { DriftView } from './drift-view.ts';
import { type WatchedEndpoint, watchedEndpoint } from './watched-endpoint.ts';

export interface ShowDriftDeps {
  table: Table;
  endpoints: readonly WatchedEndpoint[];
}

/**
 * An endpoint's last report, its alarm's state, and the last failure where no check has succeeded since.
 * @throws EndpointUnwatched when the workspace has no such endpoint
 */
export async function showDrift(
  { table, endpoints }: ShowDriftDeps,
  { endpoint }: { endpoint: string },
  workspace: string,
): Promise<DriftView> {
  const { model, driftPsi } = watchedEndpoint(endpoints, endpoint, workspace);
  const [state, failure, alarm] = await Promise.all([
    readState(table, workspace, endpoint),
    readFailure(table, workspace, endpoint),
    readAlarm(table, workspace, endpoint),
  ]);
  const report = state && (await readReport(table, workspace, state.report));
  return {
    endpoint,
    model,
    threshold: driftPsi,
    alarm: alarm?.state ?? 'unknown',
    alarmSince: alarm?.at,
    report,
    failure: failure && failure.at > (report?.at ?? '') ? failure : undefined,
  };
}
