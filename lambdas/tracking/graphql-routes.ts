import { TrackingErrors } from './errors.ts';
import { type Field, required, text } from './fields.ts';
import type { GraphqlVerbs } from './graphql-verbs.ts';
import { routesOf, type TrackingRequest } from './mlflow-route.ts';

interface GraphqlDeps {
  verbs: GraphqlVerbs;
}
type Variables = Readonly<Record<string, unknown>>;

/** An object of anything; as text where a query string carries it. */
const variables: Field<Variables | undefined> = {
  isList: false,
  read(value, path) {
    const given = typeof value === 'string' ? parsed(value) : (value ?? undefined);
    if (given === undefined || (typeof given === 'object' && !Array.isArray(given))) return given as Variables;
    throw TrackingErrors.RequestInvalid(`${path}: got no JSON object`);
  },
};

function parsed(value: string): unknown {
  try {
    return JSON.parse(value) ?? undefined;
  } catch {
    return value;
  }
}

const input = { query: required(text()), variables, operationName: text() };
const route = routesOf<GraphqlDeps>();
const options = { path: '/graphql', version: 'root', access: 'read', input } as const;

/** The engine is loaded with the first query: no client asks for it, only the UI, and every cold start would pay. */
async function run({ verbs }: GraphqlDeps, query: Parameters<Answer>[1], request: TrackingRequest) {
  const { answerGraphql } = await import('./graphql-execution.ts');
  return answerGraphql(verbs, query, request);
}
type Answer = typeof import('./graphql-execution.ts')['answerGraphql'];

export const graphqlRoutes = [route({ ...options, method: 'POST', run }), route({ ...options, method: 'GET', run })];
