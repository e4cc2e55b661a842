import type { LoggedModel } from './logged-model.ts';
import type { ModelPoint } from './logged-model-points.ts';
import type { FoundModel } from './logged-model-store.ts';
import type { ModelMetric, SearchableModel } from './search-logged-models.ts';

/** An order compares each model many times, and the function holds models from search to search. */
const made = new WeakMap<FoundModel, SearchableModel>();

/** A model as the clauses and orders of a search see it. */
export function searchable(found: FoundModel): SearchableModel {
  const known = made.get(found);
  if (known) return known;
  const { model, points } = found;
  const attributes = attributesOf(model);
  let all: readonly ModelMetric[] | undefined;
  const byKey = new Map<string, readonly ModelMetric[]>();
  const as: SearchableModel = {
    metrics(key) {
      if (key === undefined) {
        all ??= points.map(metricOf);
        return all;
      }
      const metrics = byKey.get(key) ?? points.filter((point) => point.key === key).map(metricOf);
      if (metrics.length > 0) byKey.set(key, metrics);
      return metrics;
    },
    param: (key) => own(model.params, key),
    tag: (key) => own(model.tags, key),
    attribute: (name) => own(attributes, name),
  };
  made.set(found, as);
  return as;
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const metricOf = (point: ModelPoint): ModelMetric => ({
  value: point.value,
  timestamp: BigInt(point.timestamp),
  step: BigInt(point.step),
  run_id: point.runId,
  dataset_name: point.datasetName,
  dataset_digest: point.datasetDigest,
});

const attributesOf = (model: LoggedModel): Record<string, string | number> => ({
  model_id: model.modelId,
  experiment_id: model.experimentId,
  name: model.name,
  artifact_location: model.artifactUri,
  status: model.status,
  lifecycle_stage: model.stage,
  model_type: model.modelType,
  source_run_id: model.sourceRunId,
  creation_timestamp_ms: model.createdAt,
  last_updated_timestamp_ms: model.updatedAt,
});
