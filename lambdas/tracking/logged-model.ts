import { TrackingErrors } from './errors.ts';
import type { Stage } from './experiment.ts';
import { checkLength, type KeyValue, LIMITS, truncated } from './names.ts';
import type { Point } from './point-block.ts';
import { byTime } from './point-block.ts';
import { merged, metricView, pairsOf } from './run.ts';

/** MLflow's LoggedModelStatus as filters know it; on the wire it has a prefix, and protobuf counts from 0. */
export const MODEL_STATUSES = ['UNSPECIFIED', 'PENDING', 'READY', 'UPLOAD_FAILED'] as const;
export type ModelStatus = (typeof MODEL_STATUSES)[number];
export const wireStatus = (status: ModelStatus): string =>
  status === 'UNSPECIFIED' ? 'LOGGED_MODEL_STATUS_UNSPECIFIED' : `LOGGED_MODEL_${status}`;

/** A model that was logged to an experiment, without its metrics, which have an item of their own. */
export interface LoggedModel {
  modelId: string;
  experimentId: string;
  name: string;
  /** Empty where the client says none. */
  modelType: string;
  sourceRunId: string;
  artifactUri: string;
  status: ModelStatus;
  stage: Stage;
  /** Milliseconds since 1970. */
  createdAt: number;
  updatedAt: number;
  params: Record<string, string>;
  tags: Record<string, string>;
}

/** Where a name or type has no limit of MLflow's own: its store's columns. */
const MODEL_LIMITS = { name: 500, modelType: 500, key: 255, tagValue: 100_000 } as const;

/** @throws RequestInvalid */
export function checkModelName(name: string): void {
  if (/[/:.%"']/.test(name)) {
    throw TrackingErrors.RequestInvalid(
      `Invalid model name ('${name.slice(0, MODEL_LIMITS.name)}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    );
  }
  checkLength('name', MODEL_LIMITS.name, name);
}

/** @throws RequestInvalid */
export const checkModelType = (type: string): void => checkLength('model_type', MODEL_LIMITS.modelType, type);

/** A param as it is kept. @throws RequestInvalid */
export function modelParamOf({ key, value }: KeyValue, at: string): KeyValue {
  checkLength(`${at}key`, MODEL_LIMITS.key, key);
  return { key, value: truncated(LIMITS.paramValue, value) };
}

/** A tag as it is kept; its value may be JSON, so that it is refused and never cut. @throws RequestInvalid */
export function modelTagOf({ key, value }: KeyValue, at: string): KeyValue {
  checkLength(`${at}key`, MODEL_LIMITS.key, key);
  checkLength(`${at}value`, MODEL_LIMITS.tagValue, value);
  return { key, value };
}

/**
 * The model with these params; one that is there already may come again with the same value.
 * @throws ParamChanged
 */
export function withModelParams(model: LoggedModel, params: readonly KeyValue[]): LoggedModel {
  const known = new Map(Object.entries(model.params));
  for (const { key, value } of params) {
    const before = known.get(key);
    if (before !== undefined && before !== value) {
      throw TrackingErrors.ParamChanged(
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' for logged model ID='${model.modelId}'. Attempted logging new value '${value}'.`,
      );
    }
    known.set(key, value);
  }
  return known.size === Object.keys(model.params).length ? model : { ...model, params: Object.fromEntries(known) };
}

export const withModelTags = (model: LoggedModel, tags: readonly KeyValue[]): LoggedModel =>
  tags.length === 0 ? model : { ...model, tags: merged(model.tags, tags) };

/** What the registry's client keeps on a model: JSON of `[{ "name": …, "version": … }]`. */
const VERSIONS_TAG = 'mlflow.modelVersions';

function registrationsOf({ tags }: LoggedModel): { name: string; version: string }[] {
  const text = Object.hasOwn(tags, VERSIONS_TAG) ? tags[VERSIONS_TAG] : undefined;
  if (text === undefined) return [];
  try {
    const found = JSON.parse(text) as { name?: unknown; version?: unknown }[];
    return found.map(({ name, version }) => ({ name: String(name), version: String(version) }));
  } catch {
    // Anybody may set the tag to anything.
    return [];
  }
}

/** MLflow's LoggedModel. */
export const loggedModelView = (model: LoggedModel, points: readonly Point[]) => ({
  info: {
    model_id: model.modelId,
    experiment_id: model.experimentId,
    name: model.name,
    creation_timestamp_ms: model.createdAt,
    last_updated_timestamp_ms: model.updatedAt,
    artifact_uri: model.artifactUri,
    status: wireStatus(model.status),
    model_type: model.modelType,
    source_run_id: model.sourceRunId,
    tags: pairsOf(model.tags),
    registrations: registrationsOf(model),
  },
  data: {
    params: pairsOf(model.params),
    metrics: [...points].sort(byKeyAndTime).map((point) => ({ ...metricView(point), run_id: point.runId })),
  },
});

const byKeyAndTime = (a: Point, b: Point) => (a.key < b.key ? -1 : a.key > b.key ? 1 : byTime(a, b));
