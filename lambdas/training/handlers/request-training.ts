import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { newId } from '../../shared/ids.ts';
import { sfnExecutions } from '../aws/sfn-executions.ts';
import { TrainingApiEnv, TrainingRoutes } from '../contract.ts';
import { requestTraining } from '../start-run.ts';

export const requestTrainingEndpoint = endpoint({
  route: TrainingRoutes.startTraining,
  env: TrainingApiEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    executions: sfnExecutions(env.TRAIN_MODEL_ARN),
    clock: systemClock,
    newId,
  }),
  run: (deps, input, { workspace, caller }) => requestTraining(deps, { ...input, workspace, actor: caller.tokenId }),
});
