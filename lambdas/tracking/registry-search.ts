import {
  type FoundVersion,
  findVersions,
  type ModelFact,
  PROMPT_TAG,
  readTaggedVersions,
  tagsOfModels,
} from '../registry/contract.ts';
import type { Table } from '../shared/table.ts';
import { answerBytes, PAGE_BYTES } from './page-bytes.ts';
import { type PagedQuery, type Position, pageTokenOf, positionOf } from './page-token.ts';
import type { ModelVersionEntity, RegisteredModelEntity } from './registry-entities.ts';
import { headsOf, modelEntities, versionEntities } from './registry-views.ts';
import { type Clause, parseModelVersionFilter, parseRegisteredModelFilter } from './search-filter.ts';
import { resultLimit } from './search-limits.ts';
import { matches, type Searchable } from './search-match.ts';
import { type OrderKey, orderOf, parseModelVersionOrder, parseRegisteredModelOrder } from './search-order.ts';

export interface RegistrySearch {
  filter?: string;
  max_results?: number;
  order_by?: readonly string[];
  page_token?: string;
}

/** Entities that are read at once. */
const READ_AT_ONCE = 200;

/** A thing found, with what it is searched by. */
interface Found<T> extends Searchable {
  thing: T;
}

const none = { metric: () => undefined, param: () => undefined, datasets: () => [] };

export async function searchModels(
  table: Table,
  workspace: string,
  search: RegistrySearch,
): Promise<{ registered_models?: RegisteredModelEntity[]; next_page_token?: string }> {
  const clauses = parseRegisteredModelFilter(search.filter);
  const order = parseRegisteredModelOrder(search.order_by);
  const limit = resultLimit('registeredModels', search.max_results);
  const heads = await headsOf(table, workspace, namesIn(clauses));
  const tags = clauses.some(isTag) ? await tagsOfModels(table, workspace, heads) : [];
  const found = heads.map((head, i) => foundModel(head, tags[i] ?? {})).filter((each) => matches(clauses, each));
  const query = { workspace, of: 'registered-models', filter: search.filter, orderBy: search.order_by };
  const { page, token } = await pageOf(found, order, query, search.page_token, limit, (things: ModelFact[]) =>
    modelEntities(table, workspace, things),
  );
  return { ...(page.length > 0 && { registered_models: page }), ...(token && { next_page_token: token }) };
}

export async function searchVersions(
  table: Table,
  workspace: string,
  search: RegistrySearch,
): Promise<{ model_versions?: ModelVersionEntity[]; next_page_token?: string }> {
  const clauses = parseModelVersionFilter(search.filter);
  const order = parseModelVersionOrder(search.order_by);
  const limit = resultLimit('modelVersions', search.max_results);
  const runId = clauses.find(
    ({ entity, key, comparator }) => entity === 'attribute' && key === 'run_id' && comparator === '=',
  );
  const versions = await findVersions(table, workspace, {
    models: namesIn(clauses),
    runId: runId?.value as string | undefined,
  });
  const found = await matching(table, workspace, versions, clauses);
  const query = { workspace, of: 'model-versions', filter: search.filter, orderBy: search.order_by };
  const { page, token } = await pageOf(found, order, query, search.page_token, limit, (things: FoundVersion[]) =>
    versionEntities(table, workspace, things),
  );
  return { ...(page.length > 0 && { model_versions: page }), ...(token && { next_page_token: token }) };
}

const isTag = ({ entity }: Clause) => entity === 'tag';

/** The names that a filter leaves: without one, all that there are. */
function namesIn(clauses: readonly Clause[]): readonly string[] | undefined {
  const named = clauses.find(
    ({ entity, key, comparator }) =>
      entity === 'attribute' && key === 'name' && (comparator === '=' || comparator === 'IN'),
  );
  return named && [named.value as string | string[]].flat();
}

/** Rows answer all but tags; those are read of the versions that everything else leaves. */
async function matching(
  table: Table,
  workspace: string,
  versions: readonly FoundVersion[],
  clauses: readonly Clause[],
): Promise<Found<FoundVersion>[]> {
  const needsTags = (clause: Clause) => isTag(clause) && clause.key !== PROMPT_TAG;
  const byRow = clauses.filter((clause) => !needsTags(clause));
  const byTag = clauses.filter(needsTags);
  const left = versions.map((version) => foundVersion(version)).filter((each) => matches(byRow, each));
  if (byTag.length === 0) return left;
  const tagged = await readTaggedVersions(
    table,
    workspace,
    left.map(({ thing }) => thing),
  );
  return left.filter(({ thing }) => {
    const tags = tagged.get(`${thing.model}/${thing.version}`)?.tags ?? {};
    return matches(byTag, foundVersion(thing, tags));
  });
}

const own = (record: Record<string, string>, key: string) => (Object.hasOwn(record, key) ? record[key] : undefined);

const foundModel = (thing: ModelFact, tags: Record<string, string>): Found<ModelFact> => ({
  ...none,
  thing,
  tag: (key) => own(tags, key),
  attribute: (name) => {
    if (name === 'name') return thing.model;
    const at = name === 'creation_timestamp' ? thing.createdAt : (thing.updatedAt ?? thing.createdAt);
    return at === undefined ? 0 : Date.parse(at);
  },
});

function foundVersion(thing: FoundVersion, tags: Record<string, string> = {}): Found<FoundVersion> {
  const { model, version, runId, source, registeredAt, changedAt, prompt } = thing;
  const attributes: Record<string, string | number | undefined> = {
    name: model,
    version_number: version,
    run_id: runId,
    source_path: source,
    creation_timestamp: Date.parse(registeredAt),
    last_updated_timestamp: Date.parse(changedAt),
  };
  return {
    ...none,
    thing,
    tag: (key) => (key === PROMPT_TAG ? prompt : own(tags, key)),
    attribute: (name) => attributes[name],
  };
}

/**
 * One page in this order. A token is the place of the page's last thing, so that what comes or goes between two pages
 * neither repeats nor hides another.
 */
async function pageOf<T, Entity>(
  found: Found<T>[],
  order: OrderKey[],
  query: PagedQuery,
  token: string | undefined,
  limit: number,
  entities: (things: T[]) => Promise<Entity[]>,
): Promise<{ page: Entity[]; token?: string }> {
  const compare = orderOf<Searchable>(order);
  const after = placeAt(order, positionOf(query, token));
  const ordered = found.sort(compare).filter((each) => !after || compare(each, after) > 0);
  const page: Entity[] = [];
  let taken = 0;
  let room = PAGE_BYTES;
  let isFull = false;
  for (let at = 0; at < Math.min(limit, ordered.length) && !isFull; at = taken) {
    const some = ordered.slice(at, Math.min(limit, at + READ_AT_ONCE));
    taken = at + some.length;
    for (const [i, entity] of (await entities(some.map(({ thing }) => thing))).entries()) {
      room -= answerBytes(entity);
      isFull = room < 0 && page.length > 0;
      if (isFull) taken = at + i;
      if (isFull) break;
      page.push(entity);
    }
  }
  const last = ordered[taken - 1];
  return { page, ...(last && taken < ordered.length && { token: pageTokenOf(query, placeOf(order, last)) }) };
}

const placeOf = (order: OrderKey[], thing: Searchable): Position =>
  order.map(({ key }) => thing.attribute(key) ?? null);

/** The place as a thing to compare with. */
function placeAt(order: OrderKey[], position: Position | undefined): Searchable | undefined {
  if (position === undefined || typeof position === 'number') return undefined;
  return {
    ...none,
    tag: () => undefined,
    attribute: (name) => position[order.findIndex(({ key }) => key === name)] ?? undefined,
  };
}
