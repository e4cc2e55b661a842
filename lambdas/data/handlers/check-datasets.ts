import * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { task, tasks } from '../../shared/task.ts';
import { cloudWatchFigures } from '../aws/cloud-watch-figures.ts';
import { CheckDatasetsEnv, dataMetricNamespace } from '../contract.ts';
import { type CheckDatasetsDeps, checkDatasets } from '../dataset-watch.ts';

export const checkDatasetsTask = task({
  input: z.strictObject({}),
  env: CheckDatasetsEnv,
  wire: (env): CheckDatasetsDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    publish: cloudWatchFigures(dataMetricNamespace(env.STAGE)),
    clock: systemClock,
  }),
  run: checkDatasets,
});

export const handler = tasks({ 'check-datasets': checkDatasetsTask }).lambda();
