import { TrackingErrors } from './errors.ts';
import { double, int, int64, list, message, required, text } from './fields.ts';
import { narrowed } from './int64.ts';
import { logEntities } from './log-entities.ts';
import { readHistory } from './metric-store.ts';
import { routesOf } from './mlflow-route.ts';
import { checkMetricName, checkRunId, LIMITS, paramOf, tagOf } from './names.ts';
import { fitting } from './page-bytes.ts';
import { pageTokenOf, positionOf } from './page-token.ts';
import type { Point } from './point-block.ts';
import { metricView } from './run.ts';
import { requireRun } from './run-store.ts';
import { sampled } from './sample-history.ts';
import type { TrackingDeps } from './tracking-deps.ts';

const route = routesOf<TrackingDeps>();

const metric = {
  key: required(text()),
  value: required(double()),
  timestamp: required(int64()),
  step: int64(),
  model_id: text(),
  dataset_name: text(),
  dataset_digest: text(),
};
type MetricInput = {
  key: string;
  value: number;
  timestamp: bigint;
  step: bigint | undefined;
  model_id: string | undefined;
  dataset_name: string | undefined;
  dataset_digest: string | undefined;
};

/** A point as it is kept. @throws RequestInvalid */
function pointOf(input: MetricInput, at = ''): Point {
  const { key, value, timestamp, step = 0n } = input;
  checkMetricName(key, at);
  if (timestamp < 0) {
    throw TrackingErrors.RequestInvalid(
      `Invalid value ${timestamp} for parameter '${at}timestamp' supplied: metric '${key}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer) `,
    );
  }
  return {
    key,
    value,
    timestamp: narrowed(timestamp),
    step: narrowed(step),
    ...(input.model_id && { modelId: input.model_id }),
    ...(input.dataset_name && { datasetName: input.dataset_name }),
    ...(input.dataset_digest && { datasetDigest: input.dataset_digest }),
  };
}

export const metricRoutes = [
  route({
    method: 'POST',
    path: '/mlflow/runs/log-metric',
    access: 'write',
    input: { run_id: required(text()), ...metric },
    async run(deps, { run_id: runId, ...input }, { workspace }) {
      await logEntities(deps, workspace, runId, { points: [pointOf(input)], params: [], tags: [] });
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/runs/log-batch',
    access: 'write',
    input: {
      run_id: required(text()),
      metrics: list(message(metric)),
      params: list(message({ key: required(text()), value: text() })),
      tags: list(message({ key: required(text()), value: text() })),
    },
    async run(deps, input, { workspace, event }) {
      checkBatchBytes(event.body ?? '', event.isBase64Encoded);
      checkRunId(input.run_id);
      const points = input.metrics.map((each, i) => pointOf(each, `metrics[${i}].`));
      const params = input.params.map(({ key, value = '' }, i) => paramOf({ key, value }, `params[${i}].`));
      const tags = input.tags.map(({ key, value = '' }, i) => tagOf({ key, value }, `tags[${i}].`));
      checkBatch('metrics', LIMITS.metricsPerBatch, points.length);
      checkBatch('params', LIMITS.paramsPerBatch, params.length);
      checkBatch('tags', LIMITS.paramsPerBatch, tags.length);
      checkBatch('metrics, params, and tags', LIMITS.entitiesPerBatch, points.length + params.length + tags.length);
      checkUnique(params.map(({ key }) => key));
      await logEntities(deps, workspace, input.run_id, { points, params, tags });
    },
  }),
  route({
    method: 'GET',
    path: '/mlflow/metrics/get-history',
    access: 'read',
    input: { run_id: required(text()), metric_key: required(text()), page_token: text(), max_results: int() },
    async run({ table }, { run_id: runId, metric_key: key, page_token, max_results }, { workspace }) {
      checkRunId(runId);
      if (max_results !== undefined && max_results <= 0) {
        throw TrackingErrors.RequestInvalid(
          `Invalid value ${max_results} for parameter 'max_results' supplied. It must be a positive integer.`,
        );
      }
      // Of a run that is not there too: no history, as the stock server has it.
      const points = await readHistory(table, workspace, runId, key);
      const query = { workspace, of: 'metric-history', within: [runId, key] };
      const from = Number(positionOf(query, page_token) ?? 0);
      const metrics = fitting(
        points.slice(from, from + MOST_POINTS).map(metricView),
        Math.min(max_results ?? MOST_POINTS, MOST_POINTS),
      );
      const end = from + metrics.length;
      return {
        metrics,
        ...(end < points.length && { next_page_token: pageTokenOf(query, end) }),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/mlflow/metrics/get-history-bulk',
    access: 'read',
    input: { run_id: list(text()), metric_key: text(), max_results: int() },
    async run({ table }, { run_id, metric_key: key, max_results = MOST_BULK }, { workspace }) {
      const runIds = run_id.filter((id) => id !== undefined);
      checkRunIds('GetMetricHistoryBulk', runIds);
      if (key === undefined)
        throw TrackingErrors.RequestInvalid('GetMetricHistoryBulk request must specify a metric_key.');
      const most = Math.min(max_results, MOST_BULK);
      const metrics: object[] = [];
      for (const runId of [...runIds].sort()) {
        if (metrics.length >= most) break;
        const points = await readHistory(table, workspace, runId, key);
        metrics.push(...points.map((point) => ({ ...metricView(point), run_id: runId })));
      }
      return { metrics: metrics.slice(0, most) };
    },
  }),
  route({
    method: 'GET',
    path: '/mlflow/metrics/get-history-bulk-interval',
    access: 'read',
    input: {
      run_ids: list(text()),
      metric_key: required(text()),
      start_step: int64(),
      end_step: int64(),
      max_results: int(),
    },
    run: async ({ table }, input, { workspace }) => ({
      metrics: await intervalOf(table, workspace, {
        runIds: input.run_ids.filter((id) => id !== undefined),
        key: input.metric_key,
        startStep: input.start_step,
        endStep: input.end_step,
        most: input.max_results,
      }),
    }),
  }),
];

/** MLflow's page; it ends sooner where names are so long that an answer is full. */
const MOST_POINTS = 25_000;
const MOST_BULK = 25_000;
const MOST_RUNS = 100;
/** Points of a chart's line. */
const MOST_SAMPLED = 2500;

function checkRunIds(what: string, runIds: readonly string[]): void {
  if (runIds.length === 0) {
    throw TrackingErrors.RequestInvalid(`${what} request must specify at least one run_id.`);
  }
  if (runIds.length > MOST_RUNS) {
    throw TrackingErrors.RequestInvalid(
      `${what} request cannot specify more than ${MOST_RUNS} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
}

interface Interval {
  runIds: readonly string[];
  key: string;
  startStep?: bigint;
  endStep?: bigint;
  most?: number;
}

/** The histories of up to 100 runs for a chart: each with its first and last point and evenly many between. */
async function intervalOf(
  table: TrackingDeps['table'],
  ws: string,
  { runIds, key, startStep, endStep, most = MOST_SAMPLED }: Interval,
): Promise<object[]> {
  checkRunIds('GetMetricHistoryBulkInterval', runIds);
  if ((startStep === undefined) !== (endStep === undefined)) {
    throw TrackingErrors.RequestInvalid(
      'Both start_step and end_step must be specified together, or neither may be specified.',
    );
  }
  if (startStep !== undefined && endStep !== undefined && startStep > endStep) {
    throw TrackingErrors.RequestInvalid(
      `end_step must be greater than start_step. Found start_step=${startStep} and end_step=${endStep}.`,
    );
  }
  if (most <= 0 || most > MOST_SAMPLED) {
    throw TrackingErrors.RequestInvalid(`max_results must be between 1 and ${MOST_SAMPLED}.`);
  }
  // All lines of a chart are one answer.
  const each = Math.min(most, Math.floor(MOST_BULK / runIds.length));
  const lines = await Promise.all(
    runIds.map(async (runId) => {
      const points = (await historyOf(table, ws, runId, key)).filter(
        ({ step }) => startStep === undefined || endStep === undefined || (step >= startStep && step <= endStep),
      );
      return sampled(points, each).map((point) => ({ ...metricView(point), run_id: runId }));
    }),
  );
  return lines.flat();
}

async function historyOf(table: TrackingDeps['table'], ws: string, runId: string, key: string): Promise<Point[]> {
  const points = await readHistory(table, ws, runId, key);
  // Nothing may mean that there is no such run.
  if (points.length === 0) await requireRun(table, ws, runId);
  return points;
}

function checkBatchBytes(body: string, isBase64: boolean): void {
  const size = isBase64 ? Math.floor((body.length * 3) / 4) : Buffer.byteLength(body);
  if (size <= LIMITS.batchBytes) return;
  throw TrackingErrors.RequestInvalid(
    `Batched logging API requests must be at most ${LIMITS.batchBytes} bytes, got a request of size ${size}.`,
  );
}

function checkBatch(what: string, limit: number, length: number): void {
  if (length <= limit) return;
  throw TrackingErrors.RequestInvalid(
    `A batch logging request can contain at most ${limit} ${what}. Got ${length} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

function checkUnique(keys: readonly string[]): void {
  const twice = keys.filter((key, i) => keys.indexOf(key) !== i);
  if (twice.length === 0) return;
  throw TrackingErrors.RequestInvalid(
    `Duplicate parameter keys have been submitted: [${twice.map((key) => `'${key}'`).join(', ')}]. Please ensure the request contains only one param value per param key.`,
  );
}
