import { SharedErrors } from '../shared/errors.ts';
import type { Mounted } from './mlflow-api.ts';
import { Raw, type TrackingRequest } from './mlflow-route.ts';

/** The routes that queries are answered with: a query sees what the same caller sees through REST. */
const ROUTES = {
  getExperiment: 'GET /mlflow/experiments/get',
  getRun: 'GET /mlflow/runs/get',
  searchRuns: 'POST /mlflow/runs/search',
  searchModelVersions: 'GET /mlflow/model-versions/search',
  listArtifacts: 'GET /mlflow/artifacts/list',
  getMetricHistoryBulkInterval: 'GET /mlflow/metrics/get-history-bulk-interval',
} as const;

type Verb = (input: Record<string, unknown>, request: TrackingRequest) => Promise<object>;

/** Input and answer are REST's messages: names in snake case, an int64 as a bigint or a whole number. */
export type GraphqlVerbs = Readonly<Record<keyof typeof ROUTES, Verb>>;

export function graphqlVerbs(mounted: readonly Mounted[]): GraphqlVerbs {
  const verbs = Object.entries(ROUTES).map(([name, wanted]) => {
    const found = mounted.find(({ route }) => `${route.method} ${route.path}` === wanted);
    const verb: Verb = async (input, request) => {
      if (!found) throw SharedErrors.RouteMissing(`${wanted}: there is no such endpoint`);
      const answer = await found.route.run((await found.deps()) as never, () => input, { ...request, path: {} });
      if (answer instanceof Raw) throw new Error(`GraphQL's ${name}: ${wanted} answers no message`);
      return answer;
    };
    return [name, verb];
  });
  return Object.fromEntries(verbs) as GraphqlVerbs;
}
