import { currentDatasetSpec } from '../../data/contract.ts';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { applySpec } from '../apply-spec.ts';
import { TrainingApiEnv, TrainingRoutes } from '../contract.ts';

export const applySpecEndpoint = endpoint({
  route: TrainingRoutes.applySpec,
  env: TrainingApiEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    artifacts: s3Objects(env.ARTIFACTS_BUCKET),
    datasetSpec: currentDatasetSpec,
    clock: systemClock,
  }),
  run: (deps, { spec: text, ...input }, { workspace, caller }) =>
    applySpec(deps, { ...input, text, workspace, actor: caller.tokenId }),
});
