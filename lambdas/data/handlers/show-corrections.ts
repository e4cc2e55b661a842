import { endpoint } from '../../shared/endpoint.ts';
import { lambdaAnswer } from '../aws/lambda-task.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import type { showCorrections } from '../label-views.ts';

type Wish = Parameters<typeof showCorrections>[1];
type Answer = Awaited<ReturnType<typeof showCorrections>>;

export const showCorrectionsEndpoint = endpoint({
  route: DataRoutes.showCorrections,
  env: DataApiEnv,
  // Figures are of both sides, and the API's own role reads no row that is held out.
  wire: (env) => lambdaAnswer<Wish, Answer>(env.LABELS_FUNCTION, 'show-corrections'),
  run: (ask, input, { workspace }) => ask({ ...input, workspace }),
});
