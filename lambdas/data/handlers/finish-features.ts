import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { FinishFeaturesInput, MaterialiseFeaturesEnv } from '../contract.ts';
import { finishMaterialisation } from '../materialise.ts';

export const finishFeaturesTask = task({
  input: FinishFeaturesInput,
  env: MaterialiseFeaturesEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    online: dynamoTable(env.FEATURES_TABLE),
    clock: systemClock,
  }),
  run: (deps, { workspace, set, materialisation }) => finishMaterialisation(deps, { workspace, set }, materialisation),
});
