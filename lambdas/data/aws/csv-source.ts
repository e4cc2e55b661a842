import { columnNames, type DatasetSpec } from '../dataset-spec.ts';
import { type Cell, castText } from '../row-rules.ts';
import { sqlName, sqlText } from '../sql-text.ts';
import type { OpenFile, Source } from './duckdb-source.ts';

export interface CsvFile {
  file: string;
  /** The file's columns, in its order. */
  header: readonly string[];
  delimiter: string;
  quote: string;
  /** The end of each record, where the file's first one is not its last one's. */
  hasHeader: boolean;
  /** Whether a number may be written as only DuckDB reads it. */
  oddNumbers: boolean;
}

/** More records than this with the wrong number of fields, and the file is no CSV of this kind at all. */
export const MAX_MISFITS = 10_000;

/**
 * A CSV. Numbers that cannot be oddly written are read by DuckDB's own scanner, which is twice as fast as a cast of
 * their text; everything else is read as text, so that it can be told how it was written.
 */
export function csvSource(csv: CsvFile, spec: Pick<DatasetSpec, 'columns' | 'format'>): OpenFile {
  return {
    kind: 'text',
    fast: read(csv, spec, { typed: !csv.oddNumbers, rejects: 'fast_rejects' }),
    exact: read(csv, spec, { typed: false, rejects: 'exact_rejects' }),
  };
}

function read(
  { file, header, delimiter, quote, hasHeader }: CsvFile,
  { columns, format }: Pick<DatasetSpec, 'columns' | 'format'>,
  { typed, rejects }: { typed: boolean; rejects: string },
): Source {
  const isTyped = (name: string) => typed && columns[name]?.type === 'double';
  // Named by place: a header's own names may be anything, and clash with ours.
  const types = header.map((name, i) => `'c${i}': '${isTyped(name) ? 'DOUBLE' : 'VARCHAR'}'`).join(', ');
  const nulls = ['', ...(format?.nulls ?? [])].map(sqlText).join(', ');
  const reader = `read_csv(${sqlText(file)}, delim = ${sqlText(delimiter)}, quote = ${sqlText(quote)},
    escape = ${sqlText(quote)}, header = ${hasHeader}, auto_detect = false, strict_mode = true, nullstr = [${nulls}],
    columns = {${types}}, store_rejects = true, rejects_table = '${rejects}', rejects_scan = '${rejects}_scan',
    rejects_limit = ${MAX_MISFITS + 1})`;
  const names = columnNames(columns);
  const cells: Cell[] = names.map((name, i) => {
    const column = columns[name] as Cell['column'];
    const value = sqlName(name);
    const text = `_t${i}`;
    return isTyped(name)
      ? { name, column, value, present: `${value} IS NOT NULL`, shown: `${value}::VARCHAR` }
      : { name, column, value, present: `${text} IS NOT NULL`, text, shown: text };
  });
  const outer = cells.flatMap(({ text, value, column }) =>
    text === undefined ? [value] : [text, `${castText(text, column.type)} AS ${value}`],
  );
  const inner = cells.map(({ name, text, value }) => `c${header.indexOf(name)} AS ${text ?? value}`);
  return {
    relation: `(SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${reader}))`,
    cells,
    rejects,
    linesBefore: hasHeader ? 1 : 0,
  };
}
