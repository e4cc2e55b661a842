import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { task, tasks } from '../../shared/task.ts';
import { duckdbJoin } from '../aws/duckdb-join.ts';
import { JoinFeaturesEnv, JoinRequest } from '../contract.ts';
import { type JoinDeps, joinFeatures } from '../feature-joins.ts';

const joinFeaturesTask = task({
  input: JoinRequest,
  env: JoinFeaturesEnv,
  wire: (env): JoinDeps => {
    const curated = s3Objects(env.CURATED_BUCKET);
    return {
      table: dynamoTable(env.CATALOGUE_TABLE),
      curated,
      features: s3Objects(env.FEATURES_BUCKET),
      compute: duckdbJoin(curated),
    };
  },
  run: (deps, request) => joinFeatures(deps, request),
});

export const handler = tasks({ 'join-features': joinFeaturesTask }).lambda();
