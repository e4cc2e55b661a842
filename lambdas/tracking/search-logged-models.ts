import { SearchErrors } from './search-errors.ts';
import type { Clause } from './search-filter.ts';
import { tokensOf, type Word } from './search-lexer.ts';
import { fieldOf, matchesValue, type Searchable } from './search-match.ts';
import { compareValues, type OrderKey, withTies } from './search-order.ts';
import { LOGGED_MODELS } from './search-scope.ts';
import { targetOf } from './search-target.ts';

/** A logged model has many values of one metric: of several steps, runs and datasets. */
export interface SearchableModel extends Pick<Searchable, 'param' | 'tag' | 'attribute'> {
  metrics(key?: string): readonly ModelMetric[];
}

export interface ModelMetric {
  value: number;
  timestamp: bigint;
  step: bigint;
  run_id?: string;
  dataset_name?: string;
  dataset_digest?: string;
}

/** Restricts metrics to those of one dataset; without a digest, to all of its name. */
export interface DatasetFilter {
  dataset_name?: string;
  dataset_digest?: string;
}

/** One entry of the request's `order_by`. */
export interface ModelOrder extends DatasetFilter {
  field_name?: string;
  ascending?: boolean;
}

export interface ModelOrderKey extends OrderKey {
  dataset: DatasetFilter;
}

/** A metric clause holds when any value of an allowed dataset fits; datasets alone ask for any metric on them. */
export function matchesModel(
  clauses: readonly Clause[],
  datasets: readonly DatasetFilter[],
  model: SearchableModel,
): boolean {
  const allowed = (metric: ModelMetric) => datasets.length === 0 || datasets.some((dataset) => isOf(metric, dataset));
  const held = clauses.every((clause) =>
    clause.entity === 'metric'
      ? model.metrics(clause.key).some((metric) => allowed(metric) && matchesValue(clause, metric.value))
      : matchesValue(clause, fieldOf({ ...NO_METRICS, ...bound(model) }, clause.entity, clause.key)),
  );
  if (!held || datasets.length === 0 || clauses.some(({ entity }) => entity === 'metric')) return held;
  return model.metrics().some(allowed);
}

const NO_METRICS = { metric: () => undefined, datasets: () => [] };
const bound = (model: SearchableModel) => ({
  param: (key: string) => model.param(key),
  tag: (key: string) => model.tag(key),
  attribute: (name: string) => model.attribute(name),
});

const isOf = (metric: ModelMetric, { dataset_name, dataset_digest }: DatasetFilter): boolean =>
  (!dataset_name || metric.dataset_name === dataset_name) &&
  (!dataset_digest || metric.dataset_digest === dataset_digest);

export function checkDatasetFilters(datasets: readonly DatasetFilter[] | undefined): readonly DatasetFilter[] {
  if (datasets?.some(({ dataset_name }) => !dataset_name))
    throw SearchErrors.SearchFilterInvalid('`dataset_name` in the `datasets` clause must be specified');
  return datasets ?? [];
}

/** Newest first, then by id, where the request does not say. */
const MODEL_TIES: ModelOrderKey[] = [
  { entity: 'attribute', key: 'creation_timestamp_ms', ascending: false, dataset: {} },
  { entity: 'attribute', key: 'model_id', ascending: true, dataset: {} },
];

export function parseLoggedModelOrder(order: readonly ModelOrder[] | undefined): ModelOrderKey[] {
  const keys = (order ?? []).map(({ field_name = '', ascending = true, dataset_name, dataset_digest }) => {
    const { entity, key } = targetOf(LOGGED_MODELS, wordOf(field_name), LOGGED_MODELS.orderBy, refuse(field_name));
    if (entity !== 'metric' && entity !== 'attribute') throw refuse(field_name)('Only metrics are supported');
    return { entity, key, ascending, dataset: { dataset_name, dataset_digest } };
  });
  return withTies(keys, MODEL_TIES) as ModelOrderKey[];
}

const refuse = (field: string) => (rule: string) =>
  SearchErrors.SearchOrderInvalid(`Invalid order by field name: ${field}. ${rule}`);

/** A field name is no clause: a key after the first dot may hold anything. */
function wordOf(field: string): Word {
  const dot = field.indexOf('.');
  if (dot === -1) return { kind: 'word', text: field, path: { key: field } };
  const key = field.slice(dot + 1);
  const [quoted] = key.startsWith('`') ? tokensOf(key) : [];
  const bare = quoted?.kind === 'word' && quoted.text === key ? quoted.path.key : key;
  return { kind: 'word', text: field, path: { entity: field.slice(0, dot), key: bare } };
}

/** A comparison function for `sort`. By a metric: its newest value, on the dataset of the order if it names one. */
export function modelOrderOf(order: readonly ModelOrderKey[]): (a: SearchableModel, b: SearchableModel) => number {
  const read = (key: ModelOrderKey, model: SearchableModel) =>
    key.entity === 'metric' ? newest(model.metrics(key.key), key.dataset)?.value : model.attribute(key.key);
  return (a, b) => {
    for (const key of order) {
      const found = compareValues(key, read(key, a), read(key, b));
      if (found !== 0) return found;
    }
    return 0;
  };
}

function newest(metrics: readonly ModelMetric[], dataset: DatasetFilter): ModelMetric | undefined {
  let found: ModelMetric | undefined;
  for (const metric of metrics) {
    if (isOf(metric, dataset) && (found === undefined || isNewer(metric, found))) found = metric;
  }
  return found;
}

function isNewer(a: ModelMetric, b: ModelMetric): boolean {
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  if (a.step !== b.step) return a.step > b.step;
  return (a.run_id ?? '') < (b.run_id ?? '');
}
