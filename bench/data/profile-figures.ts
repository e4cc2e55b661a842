import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerPython } from '../../bin/local/peer-python.ts';
import { profileFiles } from '../../lambdas/data/aws/duckdb-profile.ts';
import { openDuckdb } from '../../lambdas/data/aws/duckdb-session.ts';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { type Figure, PeerMissing, type Sides } from '../figure.ts';
import { cpuTime } from './bench-files.ts';

const ROWS = 1_000_000;
const PEERS = join(import.meta.dirname, '../../test/local/data/peers/requirements.txt');
const NORMAL = 'sqrt(-2 * ln(1 - random())) * cos(6.283185307179586 * random())';
const SHAPES = [NORMAL, 'random() * 100', 'exp(random() * 5)'];

/** 16 doubles of three shapes, an id, two whole numbers and a category. */
const COLUMNS: DatasetSpec['columns'] = {
  id: { type: 'integer', role: 'key' },
  ...Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`d${i}`, { type: 'double', role: 'feature' } as const])),
  n0: { type: 'integer', role: 'feature' },
  n1: { type: 'integer', role: 'feature' },
  kind: { type: 'string', role: 'feature' },
};

/** The whole profile of a Parquet file (moments, exact quantiles, pictures, correlations, most frequent values), in CPU time. */
export const profileFigures: readonly Figure[] = [
  { name: 'data/profile', unit: 'ms', peer: 'SUMMARIZE', repeats: 5, prepare: () => against(summarize) },
  {
    name: 'data/profile-over-copy',
    unit: 'ms',
    peer: 'bare COPY to Parquet',
    repeats: 5,
    prepare: () => against(copy),
  },
  {
    name: 'data/profile-over-pandas',
    unit: 'ms',
    peer: 'pandas describe',
    repeats: 5,
    prepare: () => against(describePeer),
  },
];

type Duckdb = Awaited<ReturnType<typeof openDuckdb>>;
type Peer = (duckdb: Duckdb, file: string, folder: string) => Promise<number>;

const summarize: Peer = (duckdb, file) => cpuTime(() => duckdb.rows(`SUMMARIZE SELECT * FROM '${file}'`));
const copy: Peer = (duckdb, file, folder) =>
  cpuTime(() => duckdb.run(`COPY (SELECT * FROM '${file}') TO '${folder}/copy.parquet' (FORMAT parquet)`));

/** pandas reads outside of the clock, so that `describe` alone counts; ours reads the file inside it. */
const DESCRIBE = `import sys, time, pandas as pd
table = pd.read_parquet(sys.argv[1])
began = time.process_time()
table.describe(include='all')
print((time.process_time() - began) * 1000)`;

const describePeer: Peer = async (_duckdb, file) => {
  const python = await peerPython(PEERS).catch((cause: Error) => {
    throw new PeerMissing(`pandas cannot be installed: ${cause.message}`, { cause });
  });
  const { stdout, stderr } = spawnSync(python, ['-c', DESCRIBE, file], { encoding: 'utf8' });
  const milliseconds = Number(stdout.trim());
  if (!(milliseconds > 0)) throw new Error(`pandas: ${stderr}`);
  return milliseconds;
};

async function against(peer: Peer): Promise<Sides> {
  const folder = await mkdtemp(join(tmpdir(), `millrace-bench-${process.pid}-`));
  const duckdb = await openDuckdb(folder);
  const file = join(folder, 'rows.parquet');
  const doubles = Array.from({ length: 16 }, (_, i) => `${SHAPES[i % SHAPES.length]} AS d${i}`).join(', ');
  await duckdb.rows('SELECT setseed(0.25)');
  await duckdb.run(`COPY (SELECT i AS id, ${doubles}, floor(random() * 100)::BIGINT AS n0,
    floor(random() * 1000000)::BIGINT AS n1, 'kind ' || floor(random() * 30)::BIGINT AS kind
    FROM range(${ROWS}) rows(i)) TO '${file}' (FORMAT parquet)`);
  return {
    ours: () => cpuTime(() => profileFiles(duckdb, COLUMNS, [file])),
    theirs: () => peer(duckdb, file, folder),
    close: async () => {
      duckdb.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
