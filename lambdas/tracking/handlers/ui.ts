import { join } from 'node:path';
import { bundledUiFiles } from '../aws/bundled-ui-files.ts';
import { mlflowApi, mount } from '../mlflow-api.ts';
import type { UiFiles } from '../ui-files.ts';
import { uiRoutes } from '../ui-routes.ts';

let files: UiFiles | undefined;
const deps = () => {
  files ??= bundledUiFiles(join(import.meta.dirname, 'mlflow-ui'));
  return { files };
};

/** What is the same for everybody: no table, no bucket, no workspace is looked at. */
export const handler = mlflowApi({ routes: mount(uiRoutes, deps), requireKnown: async () => {} });
