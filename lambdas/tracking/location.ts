/** Where an experiment's files go that nobody else says: through the tracking API, below the workspace's own prefix. */
export const proxiedLocation = (_workspace: string, experimentId: string): string =>
  `mlflow-artifacts:/${experimentId}`;
