import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { task } from '../../shared/task.ts';
import { MaterialiseFeaturesEnv, WriteFeaturesInput } from '../contract.ts';
import { writePage } from '../materialise.ts';

export const writeFeaturesTask = task({
  input: WriteFeaturesInput,
  env: MaterialiseFeaturesEnv,
  wire: (env) => ({ online: dynamoTable(env.FEATURES_TABLE), features: s3Objects(env.FEATURES_BUCKET) }),
  run: (deps, { workspace, set, materialisation, page }) => writePage(deps, { workspace, set }, materialisation, page),
});
