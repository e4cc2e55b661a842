import { columnNames, type DatasetSpec } from '../dataset-spec.ts';
import { type Cell, castText } from '../row-rules.ts';
import { sqlName, sqlText } from '../sql-text.ts';
import { MAX_MISFITS } from './csv-source.ts';
import type { OpenFile } from './duckdb-source.ts';

/** A record of a stream has 1 MiB at most, and may have been kept as text that is half as long again. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/**
 * JSON Lines: one object a line. Every value is taken as text, a number as JSON's reader writes it (`1.10` is `1.1`), so that
 * `12` and `"12"` are the same number and `12.7` is no whole one; objects and lists are values of no type of ours. A line that is no object, and
 * one with a member that the spec does not name, is a record that cannot be taken; the others are not its affair.
 */
export function jsonlSource(file: string, { columns, format }: Pick<DatasetSpec, 'columns' | 'format'>): OpenFile {
  const names = columnNames(columns);
  const paths = names.map((name) => sqlText(`$."${name}"`)).join(', ');
  const reader = `read_csv(${sqlText(file)}, columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '',
    header = false, auto_detect = false, strict_mode = true, max_line_size = ${MAX_LINE_BYTES}, store_rejects = true, rejects_table = 'line_rejects',
    rejects_scan = 'line_rejects_scan', rejects_limit = ${MAX_MISFITS + 1})`;
  const nulls = (format?.nulls ?? []).map(sqlText).join(', ');
  const textOf = (i: number) => {
    const scalar = `CASE WHEN starts_with(_kinds[${i + 1}], 'OBJ') OR starts_with(_kinds[${i + 1}], 'ARR') THEN '[nested]' || chr(0) ELSE _texts[${i + 1}] END`;
    return nulls ? `CASE WHEN ${scalar} IN (${nulls}) THEN NULL ELSE ${scalar} END` : scalar;
  };
  const cells: Cell[] = names.map((name, i) => ({
    name,
    column: columns[name] as Cell['column'],
    value: sqlName(name),
    present: `_t${i} IS NOT NULL`,
    text: `_t${i}`,
    shown: `rtrim(_t${i}, chr(0))`,
  }));
  const sound = `(SELECT line AS _line, coalesce(CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' END, false) AS _sound
    FROM ${reader} WHERE line IS NOT NULL)`;
  const object = `CASE WHEN _sound THEN _line ELSE '{}' END`;
  const unknown =
    format?.unknownColumns === 'ignore'
      ? 'false'
      : `len(list_filter(json_keys(${object}), lambda k: k NOT IN (${names.map(sqlText).join(', ')}))) > 0`;
  const parsed = `(SELECT _line, _sound, ${unknown} AS _unknown, json_extract_string(${object}, [${paths}]) AS _texts,
    json_type(${object}, [${paths}]) AS _kinds FROM ${sound})`;
  const texts = `(SELECT _line, _sound, _unknown, ${names.map((_, i) => `${textOf(i)} AS _t${i}`).join(', ')} FROM ${parsed})`;
  const source = {
    relation: `(SELECT *, ${cells.map(({ text, value, column }) => `${castText(text as string, column.type)} AS ${value}`).join(', ')} FROM ${texts})`,
    cells,
    brokenRecord: `CASE WHEN NOT _sound THEN 'record' WHEN _unknown THEN 'columns' END`,
    record: '_line',
    rejects: 'line_rejects',
    linesBefore: 0,
  };
  return { kind: 'text', fast: source, exact: { ...source } };
}
