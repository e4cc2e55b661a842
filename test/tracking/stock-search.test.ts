import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { searchIndexes } from '../../lambdas/tracking/index-search.ts';
import { RunIndex } from '../../lambdas/tracking/run-index.ts';
import {
  type Clause,
  parseExperimentFilter,
  parseLoggedModelFilter,
  parseModelVersionFilter,
  parseRegisteredModelFilter,
  parseRunFilter,
} from '../../lambdas/tracking/search-filter.ts';
import {
  checkDatasetFilters,
  type DatasetFilter,
  type ModelMetric,
  type ModelOrder,
  matchesModel,
  modelOrderOf,
  parseLoggedModelOrder,
  type SearchableModel,
} from '../../lambdas/tracking/search-logged-models.ts';
import { matches, type Searchable, type SearchableDataset } from '../../lambdas/tracking/search-match.ts';
import {
  type OrderKey,
  orderOf,
  parseExperimentOrder,
  parseModelVersionOrder,
  parseRegisteredModelOrder,
  parseRunOrder,
} from '../../lambdas/tracking/search-order.ts';

/** What the SQL store of MLflow 3.17.2 answers on SQLite; stock_search.py asks it again. */
interface Facts {
  runs: (Named & {
    start: number;
    end?: number;
    user: string;
    metrics: Texts;
    params: Texts;
    datasets: SearchableDataset[];
  })[];
  experiments: (Named & { created: number })[];
  models: (Named & { created: number; versions: { created: number; source: string; run_id: string; tags: Texts }[] })[];
  logged: (Named & { created: number; type: string; params: Texts; metrics: (ModelMetric & { key: string })[] })[];
  queries: Query[];
}
interface Named {
  id: string;
  name: string;
  tags: Texts;
}
type Texts = Record<string, string>;
interface Query {
  search: keyof typeof searches;
  filter?: string;
  order?: string[];
  datasets?: DatasetFilter[];
  results?: string[];
  refused?: true;
}

const facts: Facts = JSON.parse(readFileSync(new URL('./stock-search.json', import.meta.url), 'utf8'));

/** What SQLite keeps of an infinite metric; the route does that on the way in. */
const stored = (text: string): number =>
  Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(text.replace('inf', 'Infinity'))));

interface Row extends Searchable {
  shown: string;
}

const row = (
  shown: string,
  attributes: Record<string, string | number | undefined>,
  { tags = {}, params = {}, metrics = {}, datasets = [] }: { tags?: Texts } & Partial<Facts['runs'][number]>,
): Row => ({
  shown,
  attribute: (name) => attributes[name],
  tag: (key) => tags[key],
  param: (key) => params[key],
  metric: (key) => (metrics[key] === undefined ? undefined : stored(metrics[key])),
  datasets: () => datasets,
});

const runs = facts.runs.map((run) =>
  row(
    run.name,
    {
      ...{ run_id: run.id, run_name: run.name, user_id: run.user, start_time: run.start, end_time: run.end },
      ...{ status: run.end === undefined ? 'RUNNING' : 'FINISHED', artifact_uri: `/${run.id}/artifacts` },
    },
    run,
  ),
);

const experiments = facts.experiments.map((experiment) =>
  row(
    experiment.name,
    {
      ...{ experiment_id: experiment.id, name: experiment.name },
      ...{ creation_time: experiment.created, last_update_time: experiment.created },
    },
    experiment,
  ),
);

const models = facts.models.map((model) => {
  const touched = Math.max(model.created, ...model.versions.map(({ created }) => created));
  return row(
    model.name,
    { name: model.name, creation_timestamp: model.created, last_updated_timestamp: touched },
    { tags: model.tags },
  );
});

const versions = facts.models.flatMap((model) =>
  model.versions.map((version, at) =>
    row(
      `${model.name}/${at + 1}`,
      {
        ...{ name: model.name, version_number: at + 1, run_id: version.run_id, source_path: version.source },
        ...{ creation_timestamp: version.created, last_updated_timestamp: version.created },
      },
      { tags: version.tags },
    ),
  ),
);

const logged = facts.logged.map((model): SearchableModel & { shown: string } => ({
  ...row(
    model.name,
    {
      ...{ model_id: model.id, name: model.name, model_type: model.type, experiment_id: '0' },
      ...{ creation_timestamp_ms: model.created, last_updated_timestamp_ms: model.created },
    },
    { tags: model.tags, params: model.params },
  ),
  metrics: (key) => model.metrics.filter((metric) => key === undefined || metric.key === key),
}));

const search =
  (
    rows: readonly Row[],
    filterOf: (filter?: string) => Clause[],
    orderBy: (clauses?: readonly string[]) => OrderKey[],
  ) =>
  ({ filter, order }: Query): string[] => {
    const clauses = filterOf(filter);
    return rows
      .filter((thing) => matches(clauses, thing))
      .sort(orderOf(orderBy(order)))
      .map(({ shown }) => shown);
  };

const searches = {
  runs: search(runs, parseRunFilter, parseRunOrder),
  experiments: search(experiments, parseExperimentFilter, parseExperimentOrder),
  models: search(models, parseRegisteredModelFilter, parseRegisteredModelOrder),
  versions: search(versions, parseModelVersionFilter, parseModelVersionOrder),
  logged: ({ filter, order, datasets }: Query): string[] => {
    const clauses = parseLoggedModelFilter(filter);
    const within = checkDatasetFilters(datasets);
    const sorted = modelOrderOf(parseLoggedModelOrder(order as ModelOrder[] | undefined));
    return logged
      .filter((model) => matchesModel(clauses, within, model))
      .sort(sorted)
      .map(({ shown }) => shown);
  },
};

describe('a search answers what the stock server answers', () => {
  test.each(facts.queries.map((query) => [JSON.stringify({ ...query, results: undefined }), query] as const))(
    '%s',
    (_, query) => {
      if (query.refused) expect(() => searches[query.search](query)).toThrow();
      else expect(searches[query.search](query)).toEqual(query.results);
    },
  );
});

/** The same runs in the columnar index. */
const index = new RunIndex(0);
for (const run of facts.runs) {
  index.put({
    ...{ runId: run.id, name: run.name, userId: run.user, startTime: run.start, endTime: run.end },
    ...{ status: run.end === undefined ? 'RUNNING' : 'FINISHED', artifactUri: `/${run.id}/artifacts` },
    ...{ stage: 'active', era: 0, tags: run.tags, params: run.params, datasets: run.datasets },
    metrics: Object.fromEntries(Object.entries(run.metrics).map(([key, value]) => [key, stored(value)])),
  });
}

describe('the index answers what the stock server answers', () => {
  const asked = facts.queries.filter((query) => query.search === 'runs' && !query.refused);
  test.each(asked.map((query) => [JSON.stringify({ ...query, results: undefined }), query] as const))(
    '%s',
    (_, query) => {
      const { runIds } = searchIndexes([{ index, stage: 'active', era: 0 }], {
        clauses: parseRunFilter(query.filter),
        order: parseRunOrder(query.order),
        view: 'ACTIVE_ONLY',
        limit: 100,
      });
      const names = new Map(facts.runs.map(({ id, name }) => [id, name]));
      expect(runIds.map((id) => names.get(id))).toEqual(query.results);
    },
  );
});
