import type { Experiment } from './experiment.ts';
import { findExperiment } from './experiment-store.ts';
import { int, list, oneOf, text } from './fields.ts';
import { type IndexQuery, type SearchedExperiment, searchIndexes } from './index-search.ts';
import { routesOf } from './mlflow-route.ts';
import { checkExperimentId } from './names.ts';
import { answerBytes, PAGE_BYTES } from './page-bytes.ts';
import { pageTokenOf, positionOf } from './page-token.ts';
import { type FoundRun, findRuns } from './run-store.ts';
import { runView } from './run-view.ts';
import { parseRunFilter } from './search-filter.ts';
import { resultLimit } from './search-limits.ts';
import { parseRunOrder } from './search-order.ts';
import type { TrackingDeps } from './tracking-deps.ts';

const route = routesOf<TrackingDeps>();
const VIEWS = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const;

/** Runs whose documents one answer holds; a page that asks for more is shorter, and has a token. */
const MOST_RUNS = 5000;
/** Documents read at a time, until an answer is full. */
const RUNS_AT_A_TIME = 500;

/** The index says which runs, their documents are read as they are now. */
export const runSearchRoutes = [
  route({
    method: 'POST',
    path: '/mlflow/runs/search',
    access: 'read',
    input: {
      experiment_ids: list(text()),
      filter: text(),
      run_view_type: oneOf(VIEWS),
      max_results: int(),
      order_by: list(text()),
      page_token: text(),
    },
    async run(deps, input, { workspace }) {
      const experimentIds = [...new Set(input.experiment_ids.filter((id) => id !== undefined))];
      const orderBy = input.order_by.filter((clause) => clause !== undefined);
      const { filter = '', run_view_type: view = 'ACTIVE_ONLY' } = input;
      const limit = Math.min(resultLimit('runs', input.max_results), MOST_RUNS);
      const paged = { workspace, of: 'runs', filter, orderBy, view, within: experimentIds };
      const query: IndexQuery = {
        clauses: parseRunFilter(filter),
        order: parseRunOrder(orderBy),
        view,
        limit,
        after: positionOf(paged, input.page_token),
      };
      for (const id of experimentIds) checkExperimentId(id);
      const experiments = new Map<string, Experiment>();
      const searched = await Promise.all(
        experimentIds.map(async (experimentId): Promise<SearchedExperiment | undefined> => {
          const experiment = await findExperiment(deps.table, workspace, experimentId);
          if (!experiment) return undefined;
          experiments.set(experimentId, experiment);
          const index = await deps.indexes.fresh({ workspace, experimentId });
          return { index, stage: experiment.stage, era: experiment.era };
        }),
      );
      const found = searched.filter((one) => one !== undefined);
      const { runIds, next, placeAfter } = searchIndexes(found, query);
      const runs = await viewsOf(deps, workspace, experiments, runIds);
      // Cut by size, the page ends sooner.
      const end = runs.read < runIds.length ? placeAfter(runs.read) : next;
      return { runs: runs.views, ...(end !== undefined && { next_page_token: pageTokenOf(paged, end) }) };
    },
  }),
];

/** As many as fit into an answer, and how many of the ids that took. */
async function viewsOf(
  deps: TrackingDeps,
  ws: string,
  experiments: ReadonlyMap<string, Experiment>,
  runIds: readonly string[],
): Promise<{ views: object[]; read: number }> {
  const views: object[] = [];
  let room = PAGE_BYTES;
  for (let at = 0; at < runIds.length; at += RUNS_AT_A_TIME) {
    const found = await documentsOf(deps, ws, experiments, runIds.slice(at, at + RUNS_AT_A_TIME));
    const inputs = await deps.datasets.inputsOf(
      ws,
      found.map(({ run }) => run),
    );
    for (const [i, { run, items }] of found.entries()) {
      const view = runView(run, experiments.get(run.experimentId) as Experiment, items, inputs[i]);
      room -= answerBytes(view);
      if (room < 0 && views.length > 0) return { views, read: runIds.indexOf(run.runId) };
      views.push(view);
    }
  }
  return { views, read: runIds.length };
}

/** The documents of these runs, in their order: those that are remembered, and the rest read. */
async function documentsOf(
  { table, indexes }: TrackingDeps,
  workspace: string,
  experiments: ReadonlyMap<string, Experiment>,
  runIds: readonly string[],
): Promise<FoundRun[]> {
  const kept = [...experiments.keys()].map((experimentId) => indexes.documentsOf({ workspace, experimentId }));
  const known = new Map(
    runIds.flatMap((runId) =>
      kept.flatMap((documents) => documents.get(runId) ?? []).map((one) => [runId, one] as const),
    ),
  );
  const read = await findRuns(
    table,
    workspace,
    runIds.filter((runId) => !known.has(runId)),
  );
  for (const [experimentId, found] of Map.groupBy(read, ({ run }) => run.experimentId)) {
    const documents = indexes.documentsOf({ workspace, experimentId });
    for (const one of found) documents.keep(one);
  }
  for (const one of read) known.set(one.run.runId, one);
  return runIds.flatMap((runId) => known.get(runId) ?? []);
}
