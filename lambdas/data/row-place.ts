import type { Column, DatasetSpec } from './dataset-spec.ts';
import type { SplitName } from './manifest.ts';
import { sqlName, sqlText } from './sql-text.ts';

/** Where a row's file lies: the split that it teaches or judges in, and its calendar unit where the spec has a partition. */
export interface RowPlace {
  split: SplitName;
  partition?: string;
}

/** `strftime` of each calendar unit, UTC. */
const UNIT = { day: '%Y-%m-%d', month: '%Y-%m', year: '%Y' } as const;
/** The share of all hashes as 8 hex digits: hashes below it in the order of texts are as many. */
const below = (percent: number): string =>
  Math.round((percent / 100) * 2 ** 32)
    .toString(16)
    .padStart(8, '0');

/** The text of a kept value whose hash decides its side: the same for every file, engine and time. */
function hashedText(name: string, { type }: Column): string {
  if (type === 'date') return `strftime(${sqlName(name)}, '%Y-%m-%d')`;
  if (type === 'timestamp') return `strftime(${sqlName(name)}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  return type === 'string' ? sqlName(name) : `${sqlName(name)}::VARCHAR`;
}

/**
 * The split of a row, as SQL over its kept values. By hash: `test` where the first 8 hex digits of
 * sha256(salt + '/' + value) lie below those of the share; the salt is the dataset's name where the spec has none.
 */
function sideOf({ dataset, split }: DatasetSpec, columns: DatasetSpec['columns']): string {
  const test =
    split.testFrom === undefined
      ? `sha256(${sqlText(`${split.salt ?? dataset}/`)} || ${hashedText(split.by, columns[split.by] as Column)}) < ${sqlText(below(split.testPercent as number))}`
      : `${sqlName(split.by)} >= DATE ${sqlText(split.testFrom)}`;
  return `CASE WHEN ${test} THEN 'test' ELSE 'train' END`;
}

/** `<split>` or `<split>.<unit>`, as SQL over a row's kept values; `placeOf` reads it. */
export function placeText(spec: DatasetSpec, columns: DatasetSpec['columns']): string {
  const side = sideOf(spec, columns);
  const { partition } = spec;
  return partition ? `(${side}) || '.' || strftime(${sqlName(partition.by)}, '${UNIT[partition.every]}')` : side;
}

export function placeOf(text: string): RowPlace {
  const [split, partition] = text.split('.');
  return { split: split as SplitName, ...(partition !== undefined && { partition }) };
}
