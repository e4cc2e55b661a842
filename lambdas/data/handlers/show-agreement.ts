import { endpoint } from '../../shared/endpoint.ts';
import { lambdaAnswer } from '../aws/lambda-task.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import type { showAgreement } from '../label-views.ts';

type Wish = Parameters<typeof showAgreement>[1];
type Answer = Awaited<ReturnType<typeof showAgreement>>;

export const showAgreementEndpoint = endpoint({
  route: DataRoutes.showAgreement,
  env: DataApiEnv,
  // Figures are of both sides, and the API's own role reads no row that is held out.
  wire: (env) => lambdaAnswer<Wish, Answer>(env.LABELS_FUNCTION, 'show-agreement'),
  run: (ask, input, { workspace }) => ask({ ...input, workspace }),
});
