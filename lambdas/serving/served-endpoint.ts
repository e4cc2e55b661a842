import * as z from 'zod';
import { ServingErrors } from './errors.ts';

/** An endpoint of the stage, as the functions that roll out to it know it. */
const ServedEndpoint = z.strictObject({
  endpoint: z.string(),
  model: z.string(),
  workspace: z.string(),
  functionName: z.string(),
  /** Published versions that stay one pointer move away. */
  keptVersions: z.int().positive(),
});
export type ServedEndpoint = z.output<typeof ServedEndpoint>;

/** The stage's endpoints as one variable: JSON, written by the template. */
export const ServedEndpoints = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(z.array(ServedEndpoint));

/**
 * The workspace's endpoint of that name.
 * @throws EndpointUnknown
 */
export function servedEndpoint(endpoints: readonly ServedEndpoint[], workspace: string, name: string): ServedEndpoint {
  const found = endpoints.find((each) => each.endpoint === name && each.workspace === workspace);
  if (found) return found;
  throw ServingErrors.EndpointUnknown(
    `endpoint: got ${JSON.stringify(name.slice(0, 80))}, the stage has no such endpoint in workspace ${workspace}`,
  );
}
