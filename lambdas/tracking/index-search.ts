import { type Column, MISSING, type TextColumn } from './index-column.ts';
import type { Position } from './page-token.ts';
import { type RunIndex, STAGES } from './run-index.ts';
import { SearchErrors } from './search-errors.ts';
import type { Clause } from './search-filter.ts';
import { matchesValue, type SearchableDataset } from './search-match.ts';
import { compareValues, type OrderKey } from './search-order.ts';
import { smallest } from './smallest.ts';

export type RunView = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** An experiment's index, with what the experiment says of the stage of its runs (see `stageOf`). */
export interface SearchedExperiment {
  index: RunIndex;
  stage: 'active' | 'deleted';
  era: number;
}

export interface IndexQuery {
  clauses: readonly Clause[];
  /** Ends in an order of run ids, so that no two runs are equal. */
  order: readonly OrderKey[];
  view: RunView;
  limit: number;
  /** The place that the last page ended at. */
  after?: Position;
}

type Value = string | number | undefined;
interface Hit {
  runId: string;
  values: Value[];
}

export interface IndexPage {
  runIds: string[];
  /** Where the page ends, if more runs follow. */
  next?: Position;
  /** Where it would end after fewer of its runs. The index may change meanwhile: asking it again could tell another place. */
  placeAfter(count: number): Position;
}

/** One page: the ids of its runs in order, and where it ends if more follow. */
export function searchIndexes(experiments: readonly SearchedExperiment[], query: IndexQuery): IndexPage {
  const after = query.after === undefined ? undefined : valuesOf(query.order, query.after);
  const hits = experiments.flatMap((experiment) => hitsOf(experiment, query, after));
  // One index gave them in order already; several are merged by value, since codes mean nothing across them.
  if (experiments.length > 1) hits.sort((a, b) => compareAll(query.order, a.values, b.values));
  const page = hits.slice(0, query.limit);
  const placeAfter = (count: number) => positionAt(query.order, page[count - 1]!.values);
  return {
    runIds: page.map(({ runId }) => runId),
    ...(hits.length > page.length && { next: placeAfter(page.length) }),
    placeAfter,
  };
}

/** The first of an experiment: one more than a page, which tells whether another follows. */
function hitsOf(experiment: SearchedExperiment, query: IndexQuery, after: Value[] | undefined): Hit[] {
  const { index } = experiment;
  let mask = inView(experiment, query.view);
  for (const clause of query.clauses) mask = kept(index, mask, clause);
  const fieldsOf = (row: number): Value[] => query.order.map(({ entity, key }) => index.field(row, entity, key));
  if (after !== undefined) {
    for (let row = 0; row < mask.length; row++) {
      if (mask[row] && compareAll(query.order, fieldsOf(row), after) <= 0) mask[row] = 0;
    }
  }
  const rows = smallest(mask, query.limit + 1, rowOrder(index, query.order));
  return rows.map((row) => ({ runId: index.runIds[row]!, values: fieldsOf(row) }));
}

function inView({ index, stage, era }: SearchedExperiment, view: RunView): Uint8Array {
  const stages = index.numbers('attribute', 'stage');
  const eras = index.numbers('attribute', 'era');
  const mask = new Uint8Array(index.size);
  const wanted = view === 'ALL' ? -1 : view === 'ACTIVE_ONLY' ? STAGES.active : STAGES.deleted;
  for (let row = 0; row < mask.length; row++) {
    const own = stages!.get(row);
    if (own === STAGES.gone) continue;
    // The run's own mark counts if nobody deleted or restored the experiment since.
    const found = eras!.get(row) === era ? own : STAGES[stage];
    mask[row] = wanted === -1 || wanted === found ? 1 : 0;
  }
  return mask;
}

/** The mask without the rows that do not match. */
function kept(index: RunIndex, mask: Uint8Array, clause: Clause): Uint8Array {
  const missing = clause.entity !== 'dataset' && matchesValue(clause, undefined);
  const { entity, key } = clause;
  if (entity === 'attribute' && key === 'run_id') {
    for (let row = 0; row < mask.length; row++) if (!matchesValue(clause, index.runIds[row])) mask[row] = 0;
    return mask;
  }
  const numbers = index.numbers(entity, key);
  if (numbers) return keptBy(mask, numbers, missing, (value) => matchesValue(clause, value));
  const texts = index.texts(entity, key);
  if (texts) return keptBy(mask, texts.codes, missing, codeMatcher(texts, clause));
  return missing ? mask : new Uint8Array(mask.length);
}

/** Decides once for each text, not for each row. */
function codeMatcher(texts: TextColumn, clause: Clause): (code: number) => boolean {
  const known = new Uint8Array(texts.size + 1);
  const decide = (text: string) =>
    clause.entity === 'dataset'
      ? (JSON.parse(text) as SearchableDataset[]).some((dataset) =>
          matchesValue(clause, dataset[clause.key as keyof SearchableDataset]),
        )
      : matchesValue(clause, text);
  return (code) => {
    if (known[code] === 0) known[code] = decide(texts.textOf(code)!) ? 1 : 2;
    return known[code] === 1;
  };
}

function keptBy(mask: Uint8Array, column: Column, missing: boolean, match: (value: number) => boolean): Uint8Array {
  const { dense, rows, values } = column;
  if (dense) {
    for (let row = 0; row < mask.length; row++) {
      if (mask[row] === 0) continue;
      const value = row < dense.length ? dense[row]! : column.missing;
      if (!(value === column.missing ? missing : match(value))) mask[row] = 0;
    }
    return mask;
  }
  const left = missing ? mask : new Uint8Array(mask.length);
  for (let at = 0; at < rows.length; at++) left[rows[at]!] = mask[rows[at]!] && match(values[at]!) ? 1 : 0;
  return left;
}

type RowOrder = (a: number, b: number) => number;

function rowOrder(index: RunIndex, order: readonly OrderKey[]): RowOrder {
  const steps = order.map((key) => stepOf(index, key));
  return (a, b) => {
    for (const step of steps) {
      const found = step(a, b);
      if (found !== 0) return found;
    }
    return 0;
  };
}

/** One key's order of rows. Numbers need no `compareValues`: it is most of a search's time. */
function stepOf(index: RunIndex, key: OrderKey): RowOrder {
  const numbers = index.numbers(key.entity, key.key);
  if (numbers) return numberStep(numbers, key.ascending);
  const texts = index.texts(key.entity, key.key);
  if (!texts)
    return (a, b) => compareValues(key, index.field(a, key.entity, key.key), index.field(b, key.entity, key.key));
  const { codes } = texts;
  return (a, b) => {
    const [x, y] = [codes.get(a), codes.get(b)];
    return x === y ? 0 : compareValues(key, texts.textOf(x), texts.textOf(y));
  };
}

function numberStep(column: Column, ascending: boolean): RowOrder {
  const sign = ascending ? 1 : -1;
  const rank = (value: number) => (value === MISSING ? 2 : Number.isNaN(value) ? 1 : 0);
  return (a, b) => {
    const [x, y] = [column.get(a), column.get(b)];
    if (x === y) return 0;
    if (x > MISSING && y > MISSING) return x < y ? -sign : sign;
    return rank(x) - rank(y);
  };
}

function compareAll(order: readonly OrderKey[], a: readonly Value[], b: readonly Value[]): number {
  for (const [at, key] of order.entries()) {
    const found = compareValues(key, a[at], b[at]);
    if (found !== 0) return found;
  }
  return 0;
}

/** JSON has no NaN; a number's place holds the text instead. */
const NAN = 'NaN';
const isNumeric = ({ entity, key }: OrderKey): boolean =>
  entity === 'metric' || (entity === 'attribute' && key.endsWith('_time'));

const positionAt = (order: readonly OrderKey[], values: readonly Value[]): Position =>
  order.map((_, at) => {
    const value = values[at];
    return value === undefined ? null : Number.isNaN(value) ? NAN : value;
  });

/** The values of a token, which nobody but us can have made for this order. Checked all the same. */
function valuesOf(order: readonly OrderKey[], position: Position): Value[] {
  if (!Array.isArray(position) || position.length !== order.length)
    throw SearchErrors.PageTokenInvalid('Invalid page token: its place is not one of this order');
  return order.map((key, at) => {
    const value = (position as readonly (number | string | null)[])[at];
    if (value === null || value === undefined) return undefined;
    if (isNumeric(key) && value === NAN) return NaN;
    if ((typeof value === 'number') !== isNumeric(key))
      throw SearchErrors.PageTokenInvalid(`Invalid page token: ${key.entity} '${key.key}' cannot be ${value}`);
    return value;
  });
}
