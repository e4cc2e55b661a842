import { TrainingErrors } from './errors.ts';
import type { FeatureTable } from './feature-table.ts';
import type { ModelSpec } from './model-spec.ts';

/** A row as a Parquet reader gives it: dates as `Date`, 64-bit integers as `bigint`, an empty field as `null`. */
export type Row = Readonly<Record<string, unknown>>;

/** The rows of one split that can be learned from or judged, ordered by series and place in it. */
export interface LabelledRows {
  table: FeatureTable;
  /** 1 where the target came true. */
  labels: Float64Array;
  /** 1 where the target's own column is above its bound in the row itself: the forecast "as today". */
  persistence: Float64Array;
  /** The series of each row; one empty name where the spec has no `within`. */
  groups: string[];
  /** The place of each row in its series, for people: an ISO day or the value as text. */
  places: string[];
  /** Rows that the split has and this table has not, by reason. */
  dropped: { withoutOutcome: number; withoutFeature: number };
}

type Labelling = Pick<ModelSpec, 'target' | 'features'>;

interface Placed {
  row: Row;
  group: string;
  /** Comparable place in the series; for a date the number of days since 1970. */
  place: number | string;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * Builds features and labels of one split. Each split is labelled by its own rows only: the outcome of the last day
 * before the test split lies in the test split, so that row is dropped rather than taught to the model.
 *
 * A series over days takes the outcome from exactly `ahead` days later: after a gap there is none. Any other series
 * counts rows.
 *
 * @throws TrainingRowsUnusable when a series has two rows in one place, a place is empty, or a value is no number
 */
export function labelRows(rows: readonly Row[], { target, features }: Labelling, orderedByDay: boolean): LabelledRows {
  const placed = rows.map((row) => placeOf(row, target, orderedByDay)).sort(bySeries);
  const outcomes = outcomesOf(placed, target, orderedByDay);
  const kept: number[] = [];
  const dropped = { withoutOutcome: 0, withoutFeature: 0 };
  for (const [i, { row }] of placed.entries()) {
    if (outcomes[i] === undefined) dropped.withoutOutcome++;
    else if (features.some((name) => row[name] === null || row[name] === undefined)) dropped.withoutFeature++;
    else if (numberIn(row, target.column) === undefined) dropped.withoutFeature++;
    else kept.push(i);
  }
  const at = (i: number) => placed[i] as Placed;
  const isAbove = (value: number) => (value > target.above ? 1 : 0);
  return {
    table: {
      names: features,
      columns: features.map((name) => Float64Array.from(kept, (i) => numberIn(at(i).row, name) as number)),
    },
    labels: Float64Array.from(kept, (i) => isAbove(outcomes[i] as number)),
    persistence: Float64Array.from(kept, (i) => isAbove(numberIn(at(i).row, target.column) as number)),
    groups: kept.map((i) => at(i).group),
    places: kept.map((i) => placeText(at(i).place, orderedByDay)),
    dropped,
  };
}

function placeOf(row: Row, { order, within }: Labelling['target'], orderedByDay: boolean): Placed {
  const value = row[order];
  const group = within === undefined ? '' : String(row[within] ?? '');
  const place = value instanceof Date ? value.getTime() : typeof value === 'bigint' ? Number(value) : value;
  if (typeof place !== 'number' && typeof place !== 'string') {
    throw TrainingErrors.TrainingRowsUnusable(`${order}: got ${JSON.stringify(value)}, expected a place in the series`);
  }
  return { row, group, place: orderedByDay ? Math.round(Number(place) / DAY_MS) : place };
}

const bySeries = (a: Placed, b: Placed) =>
  a.group < b.group ? -1 : a.group > b.group ? 1 : a.place < b.place ? -1 : a.place > b.place ? 1 : 0;

/** For each placed row the target column's value `ahead` steps later, where there is one. */
function outcomesOf(placed: readonly Placed[], target: Labelling['target'], orderedByDay: boolean) {
  return placed.map(({ group, place }, i) => {
    const next = placed[i + 1];
    if (next?.group === group && next.place === place) {
      throw TrainingErrors.TrainingRowsUnusable(
        `${target.order}: got ${placeText(place, orderedByDay)} twice${group && ` in ${target.within} ${group}`}, expected one row a place`,
      );
    }
    const later = orderedByDay ? sameSeries(placed, i, Number(place) + target.ahead) : placed[i + target.ahead];
    return later?.group === group ? numberIn(later.row, target.column) : undefined;
  });
}

/** Looks forward from row `i` for a day; days rise, so at most `ahead` rows lie between. */
function sameSeries(placed: readonly Placed[], i: number, day: number): Placed | undefined {
  const { group } = placed[i] as Placed;
  for (let j = i; j < placed.length && placed[j]?.group === group && Number(placed[j]?.place) <= day; j++) {
    if (placed[j]?.place === day) return placed[j];
  }
  return undefined;
}

function numberIn(row: Row, name: string): number | undefined {
  const value = row[name];
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw TrainingErrors.TrainingRowsUnusable(`${name}: got ${String(value)}, expected a finite number`);
}

const placeText = (place: number | string, orderedByDay: boolean): string =>
  orderedByDay ? new Date(Number(place) * DAY_MS).toISOString().slice(0, 10) : String(place);
