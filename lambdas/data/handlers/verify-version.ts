import { endpoint } from '../../shared/endpoint.ts';
import { lambdaAnswer } from '../aws/lambda-task.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import type { PageWish, VerificationPage } from '../verify-version.ts';

export const verifyVersionEndpoint = endpoint({
  route: DataRoutes.verifyVersion,
  env: DataApiEnv,
  // The API's own role reads no row that is held out.
  wire: (env) => lambdaAnswer<PageWish, VerificationPage>(env.VERIFY_FUNCTION, 'verify-page'),
  run: (verifyPage, input, { workspace }) => verifyPage({ ...input, workspace }),
});
