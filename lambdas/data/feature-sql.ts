import type { ColumnType } from './dataset-spec.ts';
import { sqlName } from './sql-text.ts';

/** A feature whose SQL was read: what is left to do is to put it where it is computed. */
export interface CompiledFeature {
  name: string;
  type: ColumnType;
  windowSeconds?: number;
  /** SQL of each aggregate, counting rows of history only; none where the latest row is what counts. */
  aggregates: { slot: string; sql: string }[];
  /** SQL over the aggregates' columns, or over the latest row's. */
  outer: string;
  /** Columns of the dataset that it reads. */
  columns: string[];
}

/** True in rows of the dataset, false in rows that ask. */
export const HISTORY = '_history';
/** From when on a row counts; in rows that ask, when they ask. */
export const KNOWN = '_known';

/** Microseconds are the smallest step of a DuckDB time, so a window without its first moment begins one later. */
const MICROSECONDS = 1_000_000;

/** What is no number of its type is no value; the rest is as it is. */
function finished(sql: string, type: ColumnType): string {
  if (type === 'double') return `(CASE WHEN isfinite((${sql})::DOUBLE) THEN (${sql})::DOUBLE END)`;
  if (type === 'integer')
    return `(CASE WHEN (${sql})::HUGEINT BETWEEN -${Number.MAX_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER} THEN (${sql})::BIGINT END)`;
  return `(${sql})`;
}

export interface PointInTime {
  features: readonly CompiledFeature[];
  entity: readonly string[];
  /**
   * A relation with the entity's columns, `_known` (TIMESTAMP: from when on a row counts) and all columns that features
   * read or that tell rows of one moment apart.
   */
  history: string;
  /** A relation with `_row` (each another), the entity's columns and `_at` (TIMESTAMP), none of them NULL. */
  spine: string;
  /** Columns in whose order the last of several rows of one moment is the latest: rows lie in no order of their own. */
  order: readonly string[];
}

/**
 * A query that gives for each row of the spine its `_row` and every feature as it was known then: of rows with
 * `_known <= _at`, in a window those with `_known > _at - window`. One pass: rows of history and of the spine are sorted
 * together by entity and time, windows run over both and count the first; the latest row comes by an ASOF join.
 */
export function pointInTimeSql({ features, entity, history, spine, order }: PointInTime): string {
  const names = entity.map(sqlName);
  const windowed = features.filter(({ aggregates }) => aggregates.length > 0);
  const latest = features.filter(({ aggregates }) => aggregates.length === 0);
  const parts: string[] = [];
  let from = `${spine} AS asked`;
  if (windowed.length > 0) {
    parts.push(`windowed AS (${windowsSql(windowed, { names, history, spine })})`);
    from += ` JOIN windowed USING (_row)`;
  }
  if (latest.length > 0) {
    parts.push(`latest AS (${latestSql(latest, { names, history, order })})`);
    const same = names.map((name) => `asked.${name} = latest.${name}`).join(' AND ');
    from += ` ASOF LEFT JOIN latest ON ${same} AND asked._at >= latest._known`;
  }
  const columns = features.map(({ name, aggregates, windowSeconds }) => {
    if (aggregates.length > 0) return `windowed.${sqlName(name)}`;
    const value = `latest.${sqlName(name)}`;
    if (windowSeconds === undefined) return value;
    // Without ELSE: a row that is too old is no value.
    return `CASE WHEN latest._known > asked._at - ${interval(windowSeconds)} THEN ${value} END AS ${sqlName(name)}`;
  });
  const head = parts.length > 0 ? `WITH ${parts.join(',\n')}\n` : '';
  return `${head}SELECT asked._row, ${columns.join(', ')} FROM ${from}`;
}

const interval = (seconds: number) => `to_seconds(${seconds})`;

interface Relations {
  /** Of the entity, quoted. */
  names: readonly string[];
  history: string;
  spine: string;
}

function windowsSql(features: readonly CompiledFeature[], { names, history, spine }: Relations): string {
  const read = [...new Set(features.flatMap(({ columns }) => columns))].filter(
    (name) => !names.includes(sqlName(name)),
  );
  const columns = read.map(sqlName);
  const list = (...more: string[]) => [...names, ...more].join(', ');
  // UNION ALL BY NAME fills what the spine lacks with NULL; no aggregate counts those rows.
  const rows = `SELECT ${list('_known', 'NULL::BIGINT AS _row', `true AS ${HISTORY}`, ...columns)} FROM ${history}
    UNION ALL BY NAME SELECT ${list('_at AS _known', '_row', `false AS ${HISTORY}`)} FROM ${spine}`;
  const slots = features.flatMap(({ windowSeconds = 0, aggregates }) => {
    const frame = `RANGE BETWEEN to_microseconds(${windowSeconds * MICROSECONDS - 1}) PRECEDING AND CURRENT ROW`;
    return aggregates.map(
      ({ slot, sql }) => `${sql} OVER (PARTITION BY ${names.join(', ')} ORDER BY _known ${frame}) AS ${sqlName(slot)}`,
    );
  });
  const values = features.map(({ name, type, outer }) => `${finished(outer, type)} AS ${sqlName(name)}`);
  return `SELECT _row, ${values.join(', ')} FROM (SELECT _row, ${HISTORY}, ${slots.join(', ')} FROM (${rows})) WHERE NOT ${HISTORY}`;
}

function latestSql(
  features: readonly CompiledFeature[],
  { names, history, order }: Pick<Relations, 'names' | 'history'> & { order: readonly string[] },
): string {
  const values = features.map(({ name, type, outer }) => `${finished(outer, type)} AS ${sqlName(name)}`);
  const by = order.map((name) => `${sqlName(name)} DESC NULLS LAST`).join(', ') || '1';
  const last = `SELECT * FROM ${history} QUALIFY row_number() OVER (PARTITION BY ${[...names, '_known'].join(', ')} ORDER BY ${by}) = 1`;
  return `SELECT ${names.join(', ')}, _known, ${values.join(', ')} FROM (${last})`;
}
