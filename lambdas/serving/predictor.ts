import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { sendable } from '../shared/answer-bytes.ts';
import { callerOf, requireRole, requireWorkspace } from '../shared/caller.ts';
import { asPlatformError, httpStatus, type PlatformError } from '../shared/errors.ts';
import type { Role } from '../shared/route.ts';
import { ServingErrors } from './errors.ts';
import { answerNotFinite, answerText, rowsNotFinite } from './infer-answer.ts';
import { inferRequest } from './infer-request.ts';
import { type Operation, operations, requireNamed } from './operation.ts';
import { predictionIds } from './prediction-id.ts';
import { parseBody } from './request-body.ts';
import { type RequestLine, requestLines } from './request-line.ts';
import type { ServedModel } from './served-model.ts';

/** Who may ask an endpoint; every token of an app has `app`. */
const PREDICT_ROLES: readonly Role[] = ['app', 'scientist', 'engineer', 'operator'];

export interface PredictorOptions {
  workspace: string;
  endpoint: string;
  model: string;
  /** `$LATEST`, or the published version that runs. */
  functionVersion: string;
  /** The model, loaded and verified on first use. @throws BundleRefused @throws BundleUnreachable */
  serve: () => Promise<ServedModel>;
  /** What it runs on, told to rollouts: `node/24.21.0 onnxruntime/1.30.0`. */
  runtime: string;
  /** Writes one line of log. */
  write: (line: string) => void;
  /** Milliseconds of a clock that only runs forward. @default performance.now */
  elapsed?: () => number;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

type Event = Pick<APIGatewayProxyEvent, 'httpMethod' | 'path' | 'body' | 'isBase64Encoded' | 'requestContext'>;

/**
 * The Open Inference Protocol V2 for one endpoint. Every request is answered in the protocol's own form and leaves
 * one line of log, which holds counts and never values.
 */
export function predictor(options: PredictorOptions): (event: Event) => Promise<APIGatewayProxyResult> {
  const {
    workspace,
    endpoint,
    model,
    functionVersion,
    serve,
    elapsed = () => performance.now(),
    now = Date.now,
  } = options;
  const operationOf = operations(endpoint, model);
  const nextId = predictionIds(endpoint, functionVersion);
  const lineOf = requestLines(options);

  const infer = async (served: ServedModel, event: Event, line: RequestLine): Promise<APIGatewayProxyResult> => {
    const request = inferRequest(parseBody(event.body, event.isBase64Encoded), served.signature);
    line.rows = request.rows;
    // What is watched is computed whether or not it is asked for: leaving it out would be a way past the monitoring.
    const { watched } = served.counter;
    const computed = request.outputs.includes(watched) ? request.outputs : [...request.outputs, watched];
    const outputs = await served.model.run(request.inputs, computed);
    line.counts = served.counter.count(request, outputs);
    const notFinite = rowsNotFinite(outputs, request.rows);
    line.nan = notFinite.size;
    if (notFinite.size > 0) throw answerNotFinite(notFinite, request.rows);
    const predictionId = nextId(line.at);
    line.id = predictionId;
    const body = answerText(
      { model, version: served.version, predictionId, id: request.id },
      outputs.slice(0, request.outputs.length),
    );
    const headers = { ...HEADERS, 'x-millrace-prediction-id': predictionId };
    if (line.kind === 'golden')
      return { statusCode: 200, headers: { ...headers, 'x-millrace-runtime': options.runtime }, body };
    return { statusCode: 200, headers, body: sendable('outputs', body) };
  };

  const answer = async (event: Event, line: RequestLine): Promise<APIGatewayProxyResult> => {
    if (functionVersion === '$LATEST') throw ServingErrors.NoModelLive('no model is live');
    const caller = callerOf(event);
    requireRole(caller, PREDICT_ROLES);
    requireWorkspace(caller, workspace);
    const operation = operationOf(event.httpMethod, event.path);
    line.kind = event.requestContext.authorizer?.['purpose'] === 'golden' ? 'golden' : operation.kind;
    if (operation.kind === 'live') return json(200, { live: true });
    const served = await serve();
    // Loading is a cold start's own cost; latency is what the model and its protocol take.
    line.started = elapsed();
    requireNamed(operation, { model, version: served.version });
    return operation.kind === 'infer' ? infer(served, event, line) : json(200, described(operation, model, served));
  };

  return async (event) => {
    const line: RequestLine = { kind: 'unknown', at: now(), started: elapsed(), rows: 0, nan: 0 };
    let result: APIGatewayProxyResult;
    let error: PlatformError | undefined;
    try {
      result = await answer(event, line);
    } catch (thrown) {
      error = asPlatformError(thrown);
      result = errorAnswer(error);
    }
    options.write(lineOf(line, result.statusCode, elapsed() - line.started, error));
    return result;
  };
}

const HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

const json = (statusCode: number, body: unknown, headers = {}): APIGatewayProxyResult => ({
  statusCode,
  headers: { ...HEADERS, ...headers },
  body: JSON.stringify(body),
});

/** The protocol's error body; the literal name stands in a header. */
function errorAnswer(error: PlatformError): APIGatewayProxyResult {
  const text =
    error.kind === 'unexpected' ? 'something went wrong here; the log has it under this request id' : error.message;
  const status = error.name === 'MethodNotTaken' ? 405 : httpStatus(error);
  return json(status, { error: text }, { 'x-millrace-error': error.name });
}

/** What is said of server and model, in the protocol's words. */
function described(operation: Operation, model: string, { version, signature }: ServedModel): unknown {
  switch (operation.kind) {
    case 'server':
      return { name: 'millrace', version: '2', extensions: [] };
    case 'models':
      return { models: [model] };
    case 'ready':
      return { ready: true };
    case 'model-ready':
      return { name: model, ready: true };
    default:
      return { name: model, versions: [version], platform: 'onnx_onnxv1', ...signature };
  }
}
