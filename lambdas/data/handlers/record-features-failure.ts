import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { FeaturesFailure, MaterialiseFeaturesEnv } from '../contract.ts';
import { recordMaterialisationFailure } from '../materialisation-failure.ts';

export const recordFeaturesFailureTask = task({
  input: FeaturesFailure,
  env: MaterialiseFeaturesEnv,
  wire: (env) => ({ online: dynamoTable(env.FEATURES_TABLE), clock: systemClock }),
  run: recordMaterialisationFailure,
});
