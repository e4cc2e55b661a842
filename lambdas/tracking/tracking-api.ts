import type { IamCaller } from '../shared/iam-caller.ts';
import type { Logger } from '../shared/logger.ts';
import { proxyRoutes } from './artifact-routes.ts';
import { experimentRoutes } from './experiment-routes.ts';
import { experimentSearchRoutes } from './experiment-search-routes.ts';
import { graphqlRoutes } from './graphql-routes.ts';
import { graphqlVerbs } from './graphql-verbs.ts';
import { inputRoutes } from './input-routes.ts';
import { loggedModelRoutes } from './logged-model-routes.ts';
import { metricRoutes } from './metric-routes.ts';
import { type Mounted, mlflowApi, mount } from './mlflow-api.ts';
import { type ModelArtifactDeps, modelArtifactRoutes, runArtifactRoutes } from './owned-artifact-routes.ts';
import type { RegistryDeps } from './registry-deps.ts';
import { registryRoutes } from './registry-routes.ts';
import { runRoutes } from './run-routes.ts';
import { runSearchRoutes } from './run-search-routes.ts';
import { serverRoutes } from './server-routes.ts';
import type { TrackingDeps } from './tracking-deps.ts';

/** What the whole API works with; made on the first request, so that loading the code needs no environment. */
export interface TrackingApiDeps {
  tracking: TrackingDeps;
  artifacts: ModelArtifactDeps;
  registry: RegistryDeps;
  /** @throws WorkspaceMissing */
  requireKnown: (workspace: string) => Promise<void>;
  iamCallers?: readonly IamCaller[];
}

/** Every route of the tracking API. */
export function trackingRoutes(deps: () => TrackingApiDeps): Mounted[] {
  const rest = [
    ...mount([...experimentRoutes, ...runRoutes, ...metricRoutes], () => deps().tracking),
    ...mount(
      [...runSearchRoutes, ...experimentSearchRoutes, ...inputRoutes, ...loggedModelRoutes],
      () => deps().tracking,
    ),
    ...mount(registryRoutes, () => deps().registry),
    ...mount([...runArtifactRoutes, ...modelArtifactRoutes], () => deps().artifacts),
    ...mount(proxyRoutes, () => deps().artifacts),
  ];
  const verbs = graphqlVerbs(rest);
  return [...rest, ...mount(graphqlRoutes, () => ({ verbs })), ...mount(serverRoutes, () => ({}))];
}

export const trackingApi = (deps: () => TrackingApiDeps, logger?: Logger) =>
  mlflowApi({
    routes: trackingRoutes(deps),
    requireKnown: (workspace) => deps().requireKnown(workspace),
    iamCallers: () => deps().iamCallers ?? [],
    logger,
  });
