import * as z from 'zod';
import type { NewId } from '../shared/ids.ts';
import { CheckDriftInput } from './contract.ts';
import type { CheckResult, CheckView } from './drift-view.ts';
import { MonitoringErrors } from './errors.ts';
import type { CheckExecution, CheckExecutions } from './ports.ts';
import { type WatchedEndpoint, watchedEndpoint } from './watched-endpoint.ts';

export interface StartDeps {
  executions: CheckExecutions;
  endpoints: readonly WatchedEndpoint[];
  newId: NewId;
}

/**
 * Starts a check of one endpoint, or of all that the workspace has.
 * @throws EndpointUnwatched when the workspace has no such endpoint
 */
export async function startCheck(
  { executions, endpoints, newId }: StartDeps,
  { endpoint }: { endpoint?: string },
  workspace: string,
): Promise<{ check: string }> {
  if (endpoint !== undefined) watchedEndpoint(endpoints, endpoint, workspace);
  const check = newId();
  await executions.start(check, { workspace, ...(endpoint !== undefined && { endpoint }) });
  return { check };
}

/** What the machine ends with, as its output or as the cause of its failure. */
const Ended = z.object({ results: z.array(z.custom<CheckResult>((value) => typeof value === 'object')) });

/**
 * A check that this workspace started, with what it did once it has ended.
 * @throws CheckMissing for any other
 */
export async function showCheck(
  { executions }: Pick<StartDeps, 'executions'>,
  { check }: { check: string },
  workspace: string,
): Promise<CheckView> {
  const execution = await executions.show(check);
  const input = CheckDriftInput.safeParse(parsed(execution?.input));
  if (!execution || input.data?.workspace !== workspace) {
    throw MonitoringErrors.CheckMissing(`check: got ${check}, this workspace started no such check`);
  }
  const { status, startedAt, endedAt, error } = execution;
  return { check, status, startedAt, endedAt, error, results: resultsOf(execution) };
}

function resultsOf({ status, output, cause }: CheckExecution): CheckResult[] {
  return Ended.safeParse(parsed(status === 'failed' ? cause : output)).data?.results ?? [];
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
