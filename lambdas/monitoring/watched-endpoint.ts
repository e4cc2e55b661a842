import * as z from 'zod';
import { MonitoringErrors } from './errors.ts';

/** An endpoint of the stage, as the functions that watch it know it. */
const WatchedEndpoint = z.strictObject({
  endpoint: z.string(),
  model: z.string(),
  /** The workspace that owns the endpoint. */
  workspace: z.string(),
  /** Population stability index from which its alarm fires. */
  driftPsi: z.number().positive(),
});
export type WatchedEndpoint = z.output<typeof WatchedEndpoint>;

/** The stage's endpoints as one variable: JSON, written by the template. */
export const WatchedEndpoints = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(z.array(WatchedEndpoint));

/**
 * The endpoint by its name; with a workspace, only if it is that workspace's.
 * @throws EndpointUnwatched otherwise
 */
export function watchedEndpoint(
  endpoints: readonly WatchedEndpoint[],
  name: string,
  workspace?: string,
): WatchedEndpoint {
  const found = endpoints.find(
    (each) => each.endpoint === name && (workspace === undefined || each.workspace === workspace),
  );
  if (found) return found;
  throw MonitoringErrors.EndpointUnwatched(`endpoint: got ${name}, the stage has no such endpoint in this workspace`);
}
