import type { Cell } from '../row-rules.ts';

/** A raw file as DuckDB reads it: what one scan of it gives. */
export interface Source {
  /** SQL of the relation that `cells` speak of. */
  relation: string;
  /** One for each column of the spec, in the order of `columnNames`; `value` is the column of that name. */
  cells: Cell[];
  /** The rule that a record breaks as a whole, or NULL, as SQL over the relation; absent where none can. */
  brokenRecord?: string;
  /** The record as text, where it can be shown. */
  record?: string;
  /** The table into which a scan puts the records that it could not read; absent where there are none. */
  rejects?: string;
  /** Lines before the first record: a header's. */
  linesBefore: number;
}

export interface OpenFile {
  kind: 'text' | 'parquet';
  /** Reads as fast as can be; records of which a value is of another type may be missing from it. */
  fast: Source;
  /** Has every record that has the right number of fields, in order, with what its values came as. */
  exact: Source;
}
