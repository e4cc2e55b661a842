import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { metricNamespace } from '../../shared/metric-namespace.ts';
import { task } from '../../shared/task.ts';
import { cloudWatchGauge } from '../aws/cloudwatch-gauge.ts';
import { FeaturesAsked, MaterialiseFeaturesEnv } from '../contract.ts';
import { type FindFeaturesDeps, findFeatures } from '../find-features.ts';

export const findFeaturesTask = task({
  input: FeaturesAsked,
  env: MaterialiseFeaturesEnv,
  wire: (env): FindFeaturesDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    online: dynamoTable(env.FEATURES_TABLE),
    publish: cloudWatchGauge(metricNamespace(env.STAGE)),
    clock: systemClock,
  }),
  run: findFeatures,
});
