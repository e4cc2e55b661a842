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
  'FileTruncated',
  'FileDamaged',
  'DecompressionBomb',
  'ParquetUnreadable',
  'ArrowUnreadable',
  'HeaderMismatch',
  'ColumnTypeMismatch',
  'RowsAllBroken',
  'CheckRefused',
  'CheckUnusable',
  'SplitLeak',
  'DatasetIsSnapshot',
  'DatasetWithoutIdentity',
  'CollectionObjectMissing',
]);

export const isRefusal = (error: unknown): error is PlatformError =>
  error instanceof PlatformError && REFUSALS.has(error.name);

/** Why a file is refused whole: a rule or a check asks for it, or no row of it can be taken; undefined when it is not. */
export function refusalOf(
  { rows, counts, sample, checks }: Pick<Refined, 'rows' | 'counts' | 'sample' | 'checks'>,
  { columns }: Pick<DatasetSpec, 'columns'>,
): PlatformError | undefined {
  if (rows.given === 0) return DataErrors.FileWithoutRows('rows: got none behind the header, expected at least one');
  const refusing = counts.find(({ level }) => level === 'refuse');
  if (refusing) {
    const { column, rule } = refusing;
    const example = sample.find((breach) => breach.column === column && breach.rule === rule);
    return DataErrors.CheckRefused(
      `${column}: ${refusing.rows} rows break ${rule}, which refuses the file${example ? `; the first is row ${example.row} with ${JSON.stringify(example.value)}` : ''}`,
    );
  }
  const failed = checks.find(({ passed, level }) => !passed && level === 'refuse');
  if (failed) return DataErrors.CheckRefused(`checks.${failed.name}: ${failed.found}`);
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
