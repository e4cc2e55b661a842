import type { Experiment } from './experiment.ts';
import { experimentView } from './experiment.ts';
import { ensureDefault, listExperiments } from './experiment-store.ts';
import { int, list, oneOf, text } from './fields.ts';
import { routesOf } from './mlflow-route.ts';
import { fitting } from './page-bytes.ts';
import { type PagedQuery, pageTokenOf, positionOf } from './page-token.ts';
import { parseExperimentFilter } from './search-filter.ts';
import { resultLimit } from './search-limits.ts';
import { matches, type Searchable } from './search-match.ts';
import { orderOf, parseExperimentOrder } from './search-order.ts';
import type { TrackingDeps } from './tracking-deps.ts';

const route = routesOf<TrackingDeps>();
const VIEWS = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const;

/** The experiments of a workspace are one partition: a search reads it whole, two experiments for one KB. */
export const experimentSearchRoutes = (['POST', 'GET'] as const).map((method) =>
  route({
    method,
    path: '/mlflow/experiments/search',
    access: 'read',
    input: {
      max_results: int(),
      page_token: text(),
      filter: text(),
      order_by: list(text()),
      view_type: oneOf(VIEWS),
    },
    async run(deps, input, { workspace }) {
      const { filter, view_type: viewType = 'ACTIVE_ONLY' } = input;
      const orderBy = input.order_by.filter((clause) => clause !== undefined);
      const most = resultLimit('experiments', input.max_results);
      const clauses = parseExperimentFilter(filter);
      const compare = orderOf<SearchableExperiment>(parseExperimentOrder(orderBy));
      const query: PagedQuery = { workspace, of: 'experiments', filter: filter ?? '', orderBy, view: viewType };
      const start = Number(positionOf(query, input.page_token) ?? 0);
      await ensureDefault(deps, workspace);
      const found = (await listExperiments(deps.table, workspace))
        .filter(({ stage }) => viewType === 'ALL' || stage === (viewType === 'ACTIVE_ONLY' ? 'active' : 'deleted'))
        .map(searchable)
        .filter((one) => matches(clauses, one))
        .sort(compare);
      const experiments = fitting(
        found.slice(start).map(({ experiment }) => experimentView(experiment)),
        most,
      );
      const next = start + experiments.length;
      return { experiments, ...(next < found.length && { next_page_token: pageTokenOf(query, next) }) };
    },
  }),
);

interface SearchableExperiment extends Searchable {
  experiment: Experiment;
}

function searchable(experiment: Experiment): SearchableExperiment {
  const attributes: Record<string, string | number> = {
    name: experiment.name,
    experiment_id: experiment.id,
    creation_time: experiment.createdAt,
    last_update_time: experiment.updatedAt,
  };
  return {
    experiment,
    metric: () => undefined,
    param: () => undefined,
    datasets: () => [],
    tag: (key) => (Object.hasOwn(experiment.tags, key) ? experiment.tags[key] : undefined),
    attribute: (name) => (Object.hasOwn(attributes, name) ? attributes[name] : undefined),
  };
}
