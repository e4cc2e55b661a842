import { endpointFact } from '../serving/contract.ts';
import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import type { CheckDriftInput } from './contract.ts';
import { readState } from './drift-state.ts';
import { unjudgedLot } from './endpoint-rows.ts';
import { type WatchedEndpoint, watchedEndpoint } from './watched-endpoint.ts';

export interface FindDeps {
  table: Table;
  windows: Table;
  clock: Clock;
  endpoints: readonly WatchedEndpoint[];
}

/** What one item of the check's map is about. */
export interface EndpointToCheck {
  workspace: string;
  endpoint: string;
}

/**
 * The endpoints that have something to check: rows that no check has judged, or a figure that was not published.
 * @throws EndpointUnwatched when the one asked for is none of the stage
 */
export async function findEndpoints(deps: FindDeps, asked: CheckDriftInput): Promise<{ checks: EndpointToCheck[] }> {
  const found = await Promise.all(
    endpointsAsked(deps.endpoints, asked).map(async (watched) => ((await hasNews(deps, watched)) ? [watched] : [])),
  );
  return { checks: found.flat().map(({ workspace, endpoint }) => ({ workspace, endpoint })) };
}

/** All of the stage, or of one workspace, or the one. */
export function endpointsAsked(endpoints: readonly WatchedEndpoint[], { workspace, endpoint }: CheckDriftInput) {
  if (endpoint !== undefined) return [watchedEndpoint(endpoints, endpoint, workspace)];
  return endpoints.filter((each) => workspace === undefined || each.workspace === workspace);
}

async function hasNews({ table, windows, clock }: FindDeps, { workspace, endpoint }: WatchedEndpoint) {
  const [state, fact] = await Promise.all([
    readState(table, workspace, endpoint),
    endpointFact(table, workspace, endpoint),
  ]);
  if (state?.unpublished) return true;
  if (!fact?.live) return false;
  const lot = await unjudgedLot({ windows, now: clock() }, workspace, endpoint, fact.live, state);
  return lot.rows.rows > 0;
}
