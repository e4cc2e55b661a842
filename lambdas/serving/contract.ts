import * as z from 'zod';
import { ROLES, type Role, route } from '../shared/route.ts';
import type { RolloutFact } from './rollout.ts';
import { ServedEndpoints } from './served-endpoint.ts';
import type { EndpointHistory, EndpointView, PredictionTrace } from './views.ts';

export { type Deployment, type EndpointFact, endpointFact } from './endpoint-fact.ts';
export { ServingErrors } from './errors.ts';
export { latencyQuantile } from './latency.ts';
export { ENDPOINT_METRICS, endpointAlarm, endpointMetric, LIVE_ALIAS, metricNamespace } from './names.ts';
export { PredictEnv } from './predict-env.ts';
export { type PredictionParts, parsePredictionId } from './prediction-id.ts';
export { ROLLOUT_STATUSES, type RolloutFact, type RolloutStatus, rolloutFact } from './rollout.ts';
export { type ServedEndpoint, ServedEndpoints } from './served-endpoint.ts';
export type { EndpointHistory, EndpointView, PredictionTrace } from './views.ts';
export { emptyWindow, mergeAllWindows, mergeWindows, type WindowStats } from './window.ts';
export { readWindows, WINDOW_SECONDS, windowStart } from './window-store.ts';

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');
const OPERATORS: readonly Role[] = ['engineer', 'operator'];

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and hyphens, at most 31');
const RolloutId = z.string().regex(/^[0-9a-f]{32}$/, 'expected a rollout id of 32 hex digits');
/** The caller's name for one wish: the same key is the same rollout, or the same way back. */
const Dedupe = z.string().regex(/^[\w.:/-]{1,200}$/, 'expected letters, digits and _ . : / -, at most 200');

/** `millrace endpoint …` and `millrace rollout …`. */
export const ServingRoutes = {
  listEndpoints: route<{ endpoints: EndpointView[] }>()({
    method: 'GET',
    path: '/serving/endpoints',
    roles: EVERYONE,
    input: z.object({}),
  }),
  showEndpoint: route<EndpointView>()({
    method: 'GET',
    path: '/serving/endpoints/{endpoint}',
    roles: EVERYONE,
    input: z.object({ endpoint: Name }),
  }),
  /** What was live when, from the model's ledger. */
  showHistory: route<EndpointHistory>()({
    method: 'GET',
    path: '/serving/endpoints/{endpoint}/history',
    roles: EVERYONE,
    input: z.object({ endpoint: Name }),
  }),
  /** Ends a running rollout, or else moves the alias to the version that was live before. Within ten seconds. */
  rollBack: route<EndpointView>()({
    method: 'POST',
    path: '/serving/endpoints/{endpoint}/rollback',
    roles: OPERATORS,
    input: z.object({
      endpoint: Name,
      /** The function version seen live; where another one is by now, nothing moves: a retry moves nothing twice. */
      from: z
        .string()
        .regex(/^\d{1,10}$/, 'expected a function version')
        .optional(),
      reason: z.string().min(1).max(500).default('asked for'),
      dedupe: Dedupe.optional(),
    }),
  }),
  /** Rolls the champion out (again): new platform code reaches traffic this way, and a crashed rollout goes on. */
  startRollout: route<RolloutFact>()({
    method: 'POST',
    path: '/serving/endpoints/{endpoint}/rollouts',
    roles: OPERATORS,
    input: z.object({
      endpoint: Name,
      dedupe: Dedupe.optional(),
    }),
  }),
  /** The endpoint's rollouts, newest first. */
  listRollouts: route<{ rollouts: RolloutFact[] }>()({
    method: 'GET',
    path: '/serving/endpoints/{endpoint}/rollouts',
    roles: EVERYONE,
    input: z.object({ endpoint: Name, limit: z.coerce.number().int().min(1).max(100).default(20) }),
  }),
  showRollout: route<RolloutFact>()({
    method: 'GET',
    path: '/serving/rollouts/{rollout}',
    roles: EVERYONE,
    input: z.object({ rollout: RolloutId }),
  }),
  /** From an answer's prediction id to the model version and bundle that gave it. */
  tracePrediction: route<PredictionTrace>()({
    method: 'GET',
    path: '/serving/predictions/{predictionId}',
    roles: EVERYONE,
    input: z.object({ predictionId: z.string().max(80) }),
  }),
};

/** Told when a rollout has ended, however: EventBridge detail-type, source `millrace.serving`. */
export const ROLLOUT_ENDED = 'RolloutEnded';
export const RolloutEnded = z.object({
  workspace: z.string(),
  rollout: z.string(),
  endpoint: z.string(),
  model: z.string(),
  modelVersion: z.number(),
  status: z.string(),
});

/** The registry's event that asks for a rollout. */
export const CHAMPION_CHOSEN = { source: 'millrace.registry', detailType: 'ChampionChosen' } as const;
export const ChampionChosen = z.object({
  id: z.string(),
  workspace: z.string(),
  model: z.string(),
  version: z.number(),
});
export type ChampionChosen = z.output<typeof ChampionChosen>;

/** Step Functions' own event, on the account's default bus: an execution died without having given its endpoint back. */
export const EXECUTION_CHANGED = 'Step Functions Execution Status Change';

/** What the state machine is started with; everything else stands in the rollout's fact. */
export const RollOutModelInput = z.strictObject({ workspace: z.string(), rollout: RolloutId, attempt: z.int().min(1) });
export type RollOutModelInput = z.output<typeof RollOutModelInput>;

/** Of the API and of `request-rollout`: both start executions and move aliases. */
export const ServingApiEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  ENDPOINTS: ServedEndpoints,
  ROLL_OUT_MODEL_ARN: z.string(),
});
export const ReturnEndpointEnv = z.object({
  STAGE: z.string(),
  CATALOGUE_TABLE: z.string(),
  ENDPOINTS: ServedEndpoints,
});
export const RollOutModelEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  WINDOWS_TABLE: z.string(),
  BUNDLES_BUCKET: z.string(),
  SIGNING_KEY: z.string(),
  ENDPOINTS: ServedEndpoints,
});
export const CollectWindowsEnv = z.object({ STAGE: z.string(), WINDOWS_TABLE: z.string() });
