import { registryModelRoutes } from './registry-model-routes.ts';
import { registryVersionRoutes } from './registry-version-routes.ts';

/** MLflow's model registry, all 22 of its endpoints, over the platform's own. */
export const registryRoutes = [...registryModelRoutes, ...registryVersionRoutes];
