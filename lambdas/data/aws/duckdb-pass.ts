import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { columnNames, curatedColumns, type DatasetSpec } from '../dataset-spec.ts';
import { keptValue } from '../kept-value.ts';
import { SPLITS } from '../manifest.ts';
import { placeOf, placeText } from '../row-place.ts';
import { type Bounds, takes } from '../row-rules.ts';
import { sqlFiles, sqlName, sqlText } from '../sql-text.ts';
import { conditions } from './duckdb-checks.ts';
import { areWithin, provable } from './duckdb-proof.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { Source } from './duckdb-source.ts';

/** Rows of one place, in files of this function's own, in the order in which they came. */
export interface Part {
  /** `placeOf` reads it. */
  place: string;
  files: string[];
  rows: number;
}

export interface Passed {
  /** By place. */
  parts: Part[];
  /** Rows that some rule does not let pass. */
  odd: number;
}

const ODD = 'odd';

/**
 * How all files are written. Snappy: every reader has it built in. A column that has more different values in a row
 * group than this is no smaller by a dictionary, and looking for one costs a tenth of the pass (measured).
 */
export const PARQUET = 'FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880, DICTIONARY_SIZE_LIMIT 4096';

/**
 * The one pass over a file: decodes it, tells the rows that may be taken from those that may not, keeps of every value
 * what its privacy leaves, and writes the rows of each split and calendar unit as Parquet. Why a row may not be taken is
 * asked only when there are such rows. Bounds of numbers are not asked of each row, but of what was written; where that
 * does not prove them, the pass is made again, and asks: with and without, the same rows are taken.
 */
export async function passOver(
  duckdb: DuckdbSession,
  source: Source,
  spec: DatasetSpec,
  folder: string,
): Promise<Passed> {
  const bounds = provable(source, spec);
  if (bounds.length > 0) {
    const passed = await pass(duckdb, source, spec, join(folder, 'quick'), { except: bounds });
    const files = passed.parts.flatMap((part) => part.files);
    if (await areWithin(duckdb, files, bounds)) return passed;
    await rm(join(folder, 'quick'), { recursive: true });
    await forgetRejects(duckdb, source);
  }
  return pass(duckdb, source, spec, join(folder, 'passed'));
}

/** A scan adds to what scans before it could not read. */
async function forgetRejects(duckdb: DuckdbSession, { rejects }: Source): Promise<void> {
  if (!rejects) return;
  await duckdb.run(`DROP TABLE IF EXISTS ${rejects}`);
  await duckdb.run(`DROP TABLE IF EXISTS ${rejects}_scan`);
}

async function pass(
  duckdb: DuckdbSession,
  source: Source,
  spec: DatasetSpec,
  output: string,
  { except = [] }: { except?: readonly Bounds[] } = {},
): Promise<Passed> {
  const columns = curatedColumns(spec.columns);
  const kept = columnNames(columns).map((name) => `${keptValue(name, spec.columns)} AS ${sqlName(name)}`);
  const good = goodRow(source, spec, { warnings: false }, except);
  await duckdb.run(`COPY (
      SELECT * EXCLUDE (_good), CASE WHEN _good THEN ${placeText(spec, columns)} ELSE '${ODD}' END AS _place
      FROM (SELECT ${kept.join(', ')}, (${good}) AS _good FROM ${source.relation}))
    TO ${sqlText(output)} (${PARQUET}, PARTITION_BY (_place))`);
  const parts: Part[] = [];
  let odd = 0;
  for (const place of await foldersOf(output)) {
    const below = join(output, place);
    const files = (await readdir(below)).sort(byNumber).map((file) => join(below, file));
    const rows = await rowsOf(duckdb, files);
    const name = decodeURIComponent(place.slice('_place='.length));
    if (name === ODD) odd = rows;
    else parts.push({ place: name, files, rows });
  }
  return { parts: parts.sort(byPlace), odd };
}

/** Whether a row may be taken; never NULL for one that may. */
export const goodRow = (
  source: Source,
  spec: DatasetSpec,
  options: { warnings: boolean },
  except: readonly Bounds[] = [],
): string =>
  [
    ...(source.brokenRecord ? [`(${source.brokenRecord}) IS NULL`] : []),
    ...source.cells.map((cell) => takes(cell, { ...options, bounds: !except.some(({ name }) => name === cell.name) })),
    ...conditions(spec, options),
  ]
    .filter((each) => each !== 'true')
    .join(' AND ') || 'true';

export async function rowsOf(duckdb: DuckdbSession, files: readonly string[]): Promise<number> {
  const [{ rows } = { rows: 0 }] = await duckdb.rows<{ rows: number }>(
    `SELECT coalesce(sum(num_rows), 0)::DOUBLE AS rows FROM parquet_file_metadata(${sqlFiles(files)})`,
  );
  return rows;
}

/** Written only where there was a row. */
async function foldersOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Training rows first, then by calendar unit. */
const byPlace = (a: Part, b: Part) => {
  const [one, two] = [placeOf(a.place), placeOf(b.place)];
  const sides = SPLITS.indexOf(one.split) - SPLITS.indexOf(two.split);
  return sides || ((one.partition ?? '') < (two.partition ?? '') ? -1 : 1);
};

/** `data_10.parquet` comes after `data_9.parquet`. */
const byNumber = (a: string, b: string) => Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]);
