import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peerPython } from '../../../bin/local/peer-python.ts';
import { projectRoot } from '../../../bin/local/places.ts';
import { profileFiles, type RowsProfile } from '../../../lambdas/data/aws/duckdb-profile.ts';
import type { DatasetSpec } from '../../../lambdas/data/dataset-spec.ts';
import type { ColumnProfile } from '../../../lambdas/data/profile.ts';
import { withDuckdb } from '../../builders/profiled-version.ts';

const SETS = join(projectRoot, 'node_modules/vega-datasets/data');
const NAMES = ['iris', 'wine', 'diabetes', 'breast_cancer', 'digits', 'weather', 'flights', 'movies'] as const;

type Numbers = Required<Pick<ColumnProfile, 'count' | 'nulls' | 'mean' | 'sd' | 'distinct'>> & {
  min: number;
  max: number;
  zeros: number;
  negatives: number;
  skewness: number | null;
  quantiles: Record<string, number>;
};
interface Described {
  path: string;
  rows: number;
  kinds: Record<string, 'double' | 'integer'>;
  columns: Record<string, Numbers | { count: number; nulls: number; distinct: number; top: [string, number][] }>;
  correlations: Record<string, Record<string, number | null>>;
}

/** Equal to nine digits; what is nearly nothing beside `scale` is compared with that. */
const expectClose = (what: string, ours: number | undefined, theirs: number, scale = Math.abs(theirs)) => {
  const error = Math.abs((ours ?? Number.NaN) - theirs) / Math.max(scale, Number.MIN_VALUE);
  if (!(error <= 1e-9)) throw new Error(`${what}: got ${ours}, the peer says ${theirs}`);
};

describe('the profile of real sets, compared with pandas and scipy to nine digits', () => {
  let folder: string;
  let peers: Record<string, Described>;
  beforeAll(async () => {
    const python = await peerPython(join(import.meta.dirname, 'peers/requirements.txt'));
    folder = await mkdtemp(join(tmpdir(), `millrace-peers-${process.pid}-`));
    const described = execFileSync(
      python,
      [
        join(import.meta.dirname, 'peers/describe.py'),
        folder,
        `flights=${join(SETS, 'flights-3m.parquet')}`,
        `weather=${join(SETS, 'weather.csv')}`,
        `movies=${join(SETS, 'movies.json')}`,
      ],
      { encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    peers = JSON.parse(described);
  }, 600_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(NAMES)('%s', async (name) => {
    const peer = peers[name] as Described;
    const ours = await profileOf(peer);
    expect(ours.rows).toBe(peer.rows);
    for (const [column, theirs] of Object.entries(peer.columns)) {
      const mine = ours.columns[column] as ColumnProfile;
      expect([column, mine.count, mine.nulls]).toEqual([column, theirs.count, theirs.nulls]);
      if ('top' in theirs) {
        expect(mine.distinct).toBe(theirs.distinct);
        expect(mine.top?.map(({ count }) => count)).toEqual(theirs.top.map(([, count]) => count));
        continue;
      }
      expectNumbers(column, mine, theirs);
    }
    const { columns, rows } = ours.correlations as NonNullable<RowsProfile['correlations']>;
    for (const [i, row] of rows.entries())
      for (const [j, r] of row.entries()) {
        const [a, b] = [columns[i + 1] as string, columns[j] as string];
        const theirs = peer.correlations[a]?.[b] ?? null;
        if (r === null || theirs === null) expect([a, b, r]).toEqual([a, b, theirs]);
        else expectClose(`${a} and ${b}`, r, theirs, 1);
      }
  });
});

function expectNumbers(column: string, mine: ColumnProfile, theirs: Numbers): void {
  const { min, max, zeros, negatives, distinct } = theirs;
  expect([column, mine.min, mine.max, mine.zeros, mine.negatives]).toEqual([column, min, max, zeros, negatives]);
  const scale = Math.max(Math.abs(min), Math.abs(max));
  expectClose(`${column}: mean`, mine.mean, theirs.mean, scale);
  expectClose(`${column}: sd`, mine.sd, theirs.sd);
  if (theirs.skewness === null) expect(mine.skewness).toBeUndefined();
  else expectClose(`${column}: skewness`, mine.skewness, theirs.skewness, Math.max(1, Math.abs(theirs.skewness)));
  for (const [quantile, value] of Object.entries(theirs.quantiles))
    expectClose(`${column}: ${quantile}`, mine.quantiles?.[quantile as 'p01'], value, scale);
  if (mine.distinct !== undefined && mine.distinctWithin === undefined) expect(mine.distinct).toBe(distinct);
  else if (mine.distinct !== undefined) expect(Math.abs(mine.distinct / distinct - 1)).toBeLessThan(0.04);
}

function profileOf({ path, kinds, columns }: Described): Promise<RowsProfile> {
  const spec: DatasetSpec['columns'] = Object.fromEntries(
    Object.keys(columns).map((name) => [name, { type: kinds[name] ?? 'string', role: 'feature' } as const]),
  );
  // Room for few numbers, so that the three million flights are read again for each pass, as a larger set would be.
  return withDuckdb((duckdb, own) => profileCopy(duckdb, own, spec, path));
}

/** A session reaches its own folder only. */
async function profileCopy(
  duckdb: Parameters<typeof profileFiles>[0],
  own: string,
  spec: DatasetSpec['columns'],
  path: string,
): Promise<RowsProfile> {
  await copyFile(path, join(own, 'rows.parquet'));
  return profileFiles(duckdb, spec, [join(own, 'rows.parquet')], { keptNumbers: 1_000_000, gatheredNumbers: 100_000 });
}
