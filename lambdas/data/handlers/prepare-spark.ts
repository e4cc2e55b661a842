import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { task } from '../../shared/task.ts';
import { DataJobsEnv } from '../job-settings.ts';
import { prepareSpark, type SparkDeps, SparkRun } from '../spark-run.ts';

export const prepareSparkTask = task({
  input: SparkRun,
  env: DataJobsEnv,
  wire: (env): SparkDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    curated: s3Objects(env.CURATED_BUCKET),
    rawBucket: env.RAW_BUCKET,
  }),
  run: prepareSpark,
});
