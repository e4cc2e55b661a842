import type { Table } from '../shared/table.ts';
import { TrackingErrors } from './errors.ts';
import { loggedModelView } from './logged-model.ts';
import { type FoundModel, findModels, modelIdListedAt, modelListPartition, RUN_MODELS } from './logged-model-store.ts';
import type { ModelIndex } from './model-index.ts';
import { fitting } from './page-bytes.ts';
import { type PagedQuery, type Position, pageTokenOf, positionOf } from './page-token.ts';
import { runPartition } from './run-store.ts';
import { type Clause, parseLoggedModelFilter } from './search-filter.ts';
import { resultLimit } from './search-limits.ts';
import {
  checkDatasetFilters,
  type DatasetFilter,
  type ModelOrder,
  type ModelOrderKey,
  matchesModel,
  modelOrderOf,
  parseLoggedModelOrder,
} from './search-logged-models.ts';
import { searchable } from './searchable-model.ts';

/** Experiments of one search. */
const MOST_EXPERIMENTS = 1000;

export interface ModelSearch {
  experimentIds: readonly string[];
  filter?: string;
  datasets: readonly DatasetFilter[];
  orderBy: readonly ModelOrder[];
  most?: number;
  pageToken?: string;
}

interface SearchDeps {
  table: Table;
  models: ModelIndex;
}

/** What a page is taken from. */
interface Wish {
  ws: string;
  experimentIds: readonly string[];
  /** Those that match. */
  holds: (found: FoundModel) => boolean;
}
interface Page {
  models: object[];
  /** Where the next one begins. */
  next?: Position;
}

/**
 * One page of logged models. What it costs: by source runs, one query a run and its models; newest first, the items of
 * the experiment's list until the page is full; in any other order the models that changed, of the experiment that the
 * function holds in memory.
 */
export async function searchLoggedModels({ table, models }: SearchDeps, ws: string, search: ModelSearch) {
  const clauses = parseLoggedModelFilter(search.filter);
  const datasets = checkDatasetFilters(search.datasets);
  const order = parseLoggedModelOrder(search.orderBy);
  const most = resultLimit('loggedModels', search.most || undefined);
  const experimentIds = [...new Set(search.experimentIds)];
  if (experimentIds.length > MOST_EXPERIMENTS) {
    throw TrackingErrors.RequestInvalid(
      `experiment_ids: got ${experimentIds.length}, at most ${MOST_EXPERIMENTS} are searched at once`,
    );
  }
  const query: PagedQuery = {
    workspace: ws,
    of: 'logged-models',
    within: experimentIds,
    filter: search.filter ?? '',
    more: { orderBy: search.orderBy, datasets: search.datasets },
  };
  const from = positionOf(query, search.pageToken);
  const holds = (found: FoundModel) =>
    found.model.stage === 'active' && matchesModel(clauses, datasets, searchable(found));
  const wish = { ws, experimentIds, holds };

  const runIds = sourceRunsOf(clauses);
  const page = await (runIds
    ? sorted(await modelsOfRuns(table, ws, runIds), wish, order, from, most)
    : isNewestFirst(order)
      ? walked(table, wish, from, most)
      : sorted(await modelsOfAll(models, ws, experimentIds), wish, order, from, most));
  return { models: page.models, ...(page.next !== undefined && { next_page_token: pageTokenOf(query, page.next) }) };
}

const view = ({ model, points }: FoundModel) => loggedModelView(model, points);

/** Queries of runs in one search; more are as well read with the experiment. */
const MOST_RUNS = 100;

function sourceRunsOf(clauses: readonly Clause[]): readonly string[] | undefined {
  const named = clauses.find(
    ({ entity, key, comparator }) =>
      entity === 'attribute' && key === 'source_run_id' && (comparator === '=' || comparator === 'IN'),
  );
  if (!named) return undefined;
  const ids = [...new Set(typeof named.value === 'string' ? [named.value] : (named.value as readonly string[]))];
  return ids.length <= MOST_RUNS && ids.every((id) => id !== '') ? ids : undefined;
}

async function modelsOfRuns(table: Table, ws: string, runIds: readonly string[]): Promise<FoundModel[]> {
  const lists = await Promise.all(runIds.map((id) => table.query(runPartition(ws, id), { prefix: RUN_MODELS })));
  const ids = lists.flat().map(({ sk }) => sk.slice(RUN_MODELS.length));
  return findModels(table, ws, ids);
}

const modelsOfAll = async (models: ModelIndex, ws: string, experimentIds: readonly string[]) =>
  (await Promise.all(experimentIds.map((id) => models(ws, id)))).flat();

function sorted(
  all: readonly FoundModel[],
  { experimentIds, holds }: Wish,
  order: readonly ModelOrderKey[],
  from: Position | undefined,
  most: number,
): Page {
  const start = typeof from === 'number' ? from : 0;
  const within = new Set(experimentIds);
  const compare = modelOrderOf(order);
  const found = all
    .filter((one) => within.has(one.model.experimentId) && holds(one))
    .map((one) => ({ one, as: searchable(one) }))
    .sort((a, b) => compare(a.as, b.as))
    .map(({ one }) => one);
  const models = fitting(lazily(found.slice(start)), most);
  const next = start + models.length;
  return { models, ...(next < found.length && { next }) };
}

function* lazily(found: readonly FoundModel[]) {
  for (const one of found) yield view(one);
}

const isNewestFirst = ([first, second]: readonly ModelOrderKey[]): boolean =>
  first?.key === 'creation_timestamp_ms' && !first.ascending && second?.key === 'model_id' && second.ascending;

/** Models that one request looks at: where few match, a page is short and has a token, and clients go on. */
const MOST_LOOKED_AT = 4000;
/** Of a round of reads; the first is as long as the page. */
const AT_ONCE = 200;

/** The lists of several experiments as one, in their common order. */
async function walked(table: Table, { ws, experimentIds, holds }: Wish, from: Position | undefined, most: number) {
  let after = Array.isArray(from) && typeof from[0] === 'string' ? from[0] : undefined;
  const matched: { sk: string; found: FoundModel }[] = [];
  let limit = Math.min(most + 1, AT_ONCE);
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += limit) {
    if (looked > 0) limit = AT_ONCE;
    const lists = await Promise.all(
      experimentIds.map((id) => table.query(modelListPartition(ws, id), { after, limit })),
    );
    const sks = lists
      .flat()
      .map(({ sk }) => sk)
      .sort()
      .slice(0, limit);
    const byId = new Map(sks.map((sk) => [modelIdListedAt(sk), sk]));
    for (const found of await findModels(table, ws, [...byId.keys()])) {
      if (holds(found)) matched.push({ sk: byId.get(found.model.modelId) as string, found });
    }
    if (sks.length < limit || matched.length > most) return pageOf(matched, most, undefined);
    after = sks.at(-1);
  }
  return pageOf(matched, most, after);
}

/** @param end Where the next page begins if this one has all that matched */
function pageOf(matched: readonly { sk: string; found: FoundModel }[], most: number, end: string | undefined): Page {
  const models = fitting(lazily(matched.map(({ found }) => found)), most);
  const next = models.length < matched.length ? matched[models.length - 1]?.sk : end;
  return { models, ...(next !== undefined && { next: [next] }) };
}
