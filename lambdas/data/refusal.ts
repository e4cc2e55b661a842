import { PlatformError } from '../shared/errors.ts';
import type { Column, DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import type { Refined } from './ports.ts';
import { EXPECTED } from './row-rules.ts';

/** What is wrong with the file or what it was sent to: trying again would find the same. */
const REFUSALS: ReadonlySet<string> = new Set([
  'DatasetMissing',
  'DatasetTooLarge',
  'RawObjectMissing',
  'FileZeroBytes',
  'FileTooLarge',
  'FileWithoutRows',
  'CsvUnparsable',
  'HeaderMismatch',
  'ColumnTypeMismatch',
  'RowsAllBroken',
]);

export const isRefusal = (error: unknown): error is PlatformError =>
  error instanceof PlatformError && REFUSALS.has(error.name);

/** Why a file of which no row can be taken is refused whole; undefined when there is a good row. */
export function refusalOf({ rows, counts, sample }: Refined, { columns }: DatasetSpec): PlatformError | undefined {
  if (rows.given === 0) return DataErrors.FileWithoutRows('rows: got none behind the header, expected at least one');
  if (rows.broken < rows.given) return undefined;
  const mistyped = counts.find(({ rule, rows: broken }) => rule === 'type' && broken === rows.given);
  if (mistyped) {
    const { type } = columns[mistyped.column] as Column;
    const example = sample.find(({ column, rule }) => column === mistyped.column && rule === 'type');
    return DataErrors.ColumnTypeMismatch(
      `${mistyped.column}: got ${JSON.stringify(example?.value)} in row ${example?.row} and no ${type} in any of ${rows.given} rows, expected ${EXPECTED[type]}`,
    );
  }
  const all = counts.map(({ column, rule, rows: broken }) => `${column} breaks ${rule} in ${broken}`).join(', ');
  return DataErrors.RowsAllBroken(`rows: got ${rows.given} of which none can be taken: ${all.slice(0, 500)}`);
}
