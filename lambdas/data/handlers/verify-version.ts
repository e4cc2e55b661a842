import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { lambdaTask } from '../aws/lambda-task.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { type AskDeps, askVerification } from '../verify-version.ts';

export const verifyVersionEndpoint = endpoint({
  route: DataRoutes.verifyVersion,
  env: DataApiEnv,
  wire: (env): AskDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    verifyPage: lambdaTask(env.VERIFY_FUNCTION, 'verify-page'),
  }),
  run: (deps, input, { workspace }) => askVerification(deps, { ...input, workspace }),
});
