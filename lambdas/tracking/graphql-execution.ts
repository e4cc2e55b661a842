import {
  buildSchema,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
  getNullableType,
  isListType,
  isObjectType,
  isScalarType,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { isOwnFault, PlatformError, SharedErrors } from '../shared/errors.ts';
import { refuseLarge } from './graphql-limits.ts';
import { GRAPHQL_SCHEMA } from './graphql-schema.ts';
import type { GraphqlVerbs } from './graphql-verbs.ts';
import type { TrackingRequest } from './mlflow-route.ts';

export interface GraphqlQuery {
  query: string;
  variables?: Readonly<Record<string, unknown>> | undefined;
  operationName?: string | undefined;
}

/** Errors are plain texts here, not objects as elsewhere: it is what the UI reads. */
export interface GraphqlAnswer {
  data: unknown;
  errors: string[] | null;
}

type Message = Record<string, unknown>;
/** What one request is answered with. */
interface Context {
  verbs: GraphqlVerbs;
  request: TrackingRequest;
  experiments: Map<string, Promise<object>>;
  lookUps: number;
}

/** The UI's largest query has 200; each level of nesting costs parser and validator some of the stack. */
const MOST_TOKENS = 4000;

export async function answerGraphql(
  verbs: GraphqlVerbs,
  { query, variables, operationName }: GraphqlQuery,
  request: TrackingRequest,
): Promise<GraphqlAnswer> {
  const schema = builtSchema();
  const document = refusable(() => {
    const parsed = parse(query, { noLocation: true, maxTokens: MOST_TOKENS });
    refuseLarge(parsed);
    return parsed;
  });
  if ('refusal' in document) return { data: null, errors: [document.refusal] };
  // A schema that describes itself is for tools, not for the UI, and its circles make large answers of small queries.
  const invalid = validate(schema, document.value, [...specifiedRules, NoSchemaIntrospectionCustomRule], {
    maxErrors: 10,
  });
  if (invalid.length > 0) return { data: null, errors: invalid.map(({ message }) => message) };
  const contextValue: Context = { verbs, request, experiments: new Map(), lookUps: 0 };
  const { data = null, errors } = await execute({
    schema,
    document: document.value,
    variableValues: variables,
    operationName,
    contextValue,
    fieldResolver: resolveField,
  });
  for (const each of errors ?? []) raiseOwnFault(each);
  return { data, errors: errors?.map(({ message }) => message) ?? null };
}

/** What is wrong here is no answer: as an error of the request it is logged, counted and tried again. */
function raiseOwnFault({ originalError }: GraphQLError): void {
  if (originalError === undefined || originalError.name === 'GraphQLError') return;
  if (!(originalError instanceof PlatformError) || isOwnFault(originalError)) throw originalError;
}

function refusable<T>(run: () => T): { value: T } | { refusal: string } {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof Error && error.name === 'GraphQLError') return { refusal: error.message };
    throw error;
  }
}

let schema: GraphQLSchema | undefined;
function builtSchema(): GraphQLSchema {
  if (schema) return schema;
  schema = buildSchema(GRAPHQL_SCHEMA);
  const long = schema.getType('LongString') as GraphQLScalarType;
  long.serialize = String;
  long.parseValue = (value) => {
    if (/^-?\d{1,19}$/.test(String(value))) return BigInt(value as string);
    throw new GraphQLError(`LongString cannot represent ${JSON.stringify(value)}: it is no whole number`);
  };
  // A literal is read by its digits: as a double it would lose its last ones.
  long.parseLiteral = (node) => long.parseValue('value' in node ? node.value : undefined);
  return schema;
}

const resolveField: GraphQLFieldResolver<Message, Context> = (source, args, context, info) => {
  const { parentType, fieldName } = info;
  const own = RESOLVERS[`${parentType.name}.${fieldName}`];
  if (own) return own(source, args, context);
  const value = source[snakeCase(fieldName)];
  if (value !== undefined && value !== null) return Number.isNaN(value) ? null : value;
  return emptyOf(info.returnType, fieldName);
};

type Resolve = (source: Message, args: { input?: Message; inputString?: string }, context: Context) => unknown;

/** A query field is the verb of its name, with its input in REST's names. */
const verb =
  (name: keyof GraphqlVerbs): Resolve =>
  (_source, { input = {} }, { verbs, request }) =>
    verbs[name](renamed(input), request);

/** A search of many runs may ask for what belongs to each of them, which is a call for each. */
const MOST_LOOK_UPS = 100;

const RESOLVERS: Readonly<Record<string, Resolve>> = {
  'Query.mlflowGetExperiment': verb('getExperiment'),
  'Query.mlflowGetRun': verb('getRun'),
  'Query.mlflowSearchRuns': verb('searchRuns'),
  'Query.mlflowSearchModelVersions': verb('searchModelVersions'),
  'Query.mlflowListArtifacts': verb('listArtifacts'),
  'Query.mlflowGetMetricHistoryBulkInterval': verb('getMetricHistoryBulkInterval'),
  'Query.test': (_source, { inputString }) => ({ output: inputString ?? null }),
  'MlflowRunExtension.experiment': async ({ info }, _args, context) => {
    const id = (info as Message)['experiment_id'] as string;
    const { experiments, verbs, request } = context;
    if (!experiments.has(id)) {
      lookUp(context);
      experiments.set(id, verbs.getExperiment({ experiment_id: id }, request));
    }
    return ((await experiments.get(id)) as { experiment: object }).experiment;
  },
  'MlflowRunExtension.modelVersions': async ({ info }, _args, context) => {
    lookUp(context);
    const filter = `run_id='${(info as Message)['run_id']}'`;
    const found = (await context.verbs.searchModelVersions({ filter }, context.request)) as Message;
    return found['model_versions'] ?? [];
  },
};

function lookUp(context: Context): void {
  context.lookUps += 1;
  if (context.lookUps <= MOST_LOOK_UPS) return;
  throw SharedErrors.InvalidInput(
    `a query may ask for experiment or modelVersions of at most ${MOST_LOOK_UPS} runs: ask for fewer by maxResults`,
  );
}

/** What REST leaves out is empty here, as the UI knows it: texts, numbers as text, lists, and messages with nothing in. */
function emptyOf(type: GraphQLOutputType, field: string): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [];
  if (isObjectType(bare)) return field === 'apiError' ? null : {};
  return isScalarType(bare) ? EMPTY[bare.name] : null;
}
const EMPTY: Readonly<Record<string, unknown>> = { String: '', LongString: 0, Boolean: false, Float: 0, Int: 0 };

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const renamed = (input: Message): Message =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [snakeCase(name), value]));
