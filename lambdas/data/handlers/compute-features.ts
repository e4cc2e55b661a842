import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { duckdbOnline } from '../aws/duckdb-online.ts';
import { MaterialiseFeaturesEnv, OneFeatureSet } from '../contract.ts';
import { computeFeatures, type MaterialiseDeps } from '../materialise.ts';

export const computeFeaturesTask = task({
  input: OneFeatureSet,
  env: MaterialiseFeaturesEnv,
  wire: (env): MaterialiseDeps => {
    const curated = s3Objects(env.CURATED_BUCKET);
    return {
      table: dynamoTable(env.CATALOGUE_TABLE),
      online: dynamoTable(env.FEATURES_TABLE),
      curated,
      features: s3Objects(env.FEATURES_BUCKET),
      compute: duckdbOnline(curated),
      clock: systemClock,
    };
  },
  run: computeFeatures,
});
