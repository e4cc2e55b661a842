import { endpoint } from '../../shared/endpoint.ts';
import { lambdaAnswer } from '../aws/lambda-task.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import type { showConsensus } from '../label-views.ts';

type Wish = Parameters<typeof showConsensus>[1];
type Answer = Awaited<ReturnType<typeof showConsensus>>;

export const showConsensusEndpoint = endpoint({
  route: DataRoutes.showConsensus,
  env: DataApiEnv,
  // Figures are of both sides, and the API's own role reads no row that is held out.
  wire: (env) => lambdaAnswer<Wish, Answer>(env.LABELS_FUNCTION, 'show-consensus'),
  run: (ask, input, { workspace }) => ask({ ...input, workspace }),
});
