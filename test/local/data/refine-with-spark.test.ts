import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetReadObjects } from 'hyparquet';
import { peerPython } from '../../../bin/local/peer-python.ts';
import type { DatasetSpec } from '../../../lambdas/data/dataset-spec.ts';
import { aCsv, aSpec, weatherCsv, weatherSpec } from '../../builders/dataset.ts';
import { refined } from '../../builders/refined.ts';
import { aRefinery, KEY } from '../../builders/refinery.ts';

const run = promisify(execFile);
const SCRIPTS = join(import.meta.dirname, '../../../lambdas/data/aws');
const folder = mkdtempSync(join(tmpdir(), 'millrace-spark-'));

interface Job {
  spec: DatasetSpec;
  csv: string;
  withKey?: boolean;
}
interface Report {
  rows: { given: number; broken: number; repeated: number; fresh: number };
  splits: Record<string, number>;
  counts: { column: string; rule: string; level: string; rows: number }[];
}

/** The real file with what goes wrong in one: every rule broken, a row twice, rows that contradict each other. */
const spoiled = () =>
  weatherCsv()
    .replace('Seattle,2012-01-01,0.0,12.8', 'Seattle,2012-01-01,,12.8')
    .replace('Seattle,2012-01-02,10.9', 'Seattle,2012-01-02, 10.9')
    .replace('Seattle,2012-01-03,0.8', 'Seattle,2012-01-03,1e999')
    .replace('Seattle,2012-01-04,20.3', 'Seattle,2012-01-04,-1')
    .replace('Seattle,2012-01-05', 'Portland,2012-01-05')
    .replace('Seattle,2012-01-06', 'Seattle,2012-02-30')
    .replace('Seattle,2012-01-07,0.0', 'Seattle,2012-01-07,0.0,0.0')
    .replace(/(Seattle,2012-01-08.*\n)/, '$1$1')
    .replace(/(Seattle,2012-01-09,)(4.3)(.*\n)/, '$1$2$3$19.9$3');

const WRITTEN = aCsv(
  '1,2019-12-31,1.5,a,true,2020-01-01T10:00:00Z',
  '2,2020-01-01,.5e1,b,FALSE,2020-01-01 10:00:00.123456',
  '+3,2020-01-02,100,"a",,',
  '-4,2019-01-01,1.,,false,1969-12-31T23:59:59.5',
  '9007199254740991,2019-01-02,,,,',
  '9007199254740992,2019-01-02,,,,',
  '1_0,2019-01-02,nan,"c, d","yes",2020-01-01T10:00:00+01:00',
  '5.0,2019-13-01,101,a,true,2020-01-01',
  ' 6,19-01-01,1e400,a,True,2020-01-01T25:00:00',
  ',,,,,',
  '7,2019-01-02,"1.5","b",1,2020-01-01T10:00:00.1234567',
);

const HASHED = aSpec({
  split: { by: 'id', testPercent: 30, salt: 'drawn' },
  partition: { by: 'day', every: 'month' },
  columns: {
    ...aSpec().columns,
    day: { type: 'date', role: 'feature', privacy: { action: 'truncate', to: 'month' } },
    size: { type: 'double', role: 'feature', max: 200, level: 'warn', privacy: { action: 'round', to: 5 } },
    kind: { type: 'string', role: 'subject', pattern: 'Müller [0-9]+', privacy: { action: 'pseudonym' } },
    good: { type: 'boolean', role: 'feature', nullable: true, privacy: { action: 'drop' } },
  },
});
const hashedRows = Array.from({ length: 200 }, (_, i) => ({
  id: i - 50,
  day: `2019-0${1 + (i % 9)}-17`,
  size: i * 1.5 - 20,
  kind: `Müller ${i % 40}`,
}));
/** Names that only begin or end as the pattern says, one with a line break behind it, and what is not taken whatever the level. */
const HASHED_BROKEN = [
  '900,2019-01-17,1,Müller 1 jun.,true,',
  '901,2019-01-17,1,Dr. Müller 1,true,',
  '902,2019-01-17,1,"Müller 1\n",true,',
  '903,2019-01-17,1,müller 1,true,',
  '904,2019-01-17,much,Müller 1,true,',
  '905,2019-01-17,,Müller 1,yes,',
];
const hashedSpec: DatasetSpec = { ...HASHED, split: { ...HASHED.split, by: 'kind', apart: ['kind'] } };

const JOBS: Record<string, Job> = {
  weather: { spec: weatherSpec(), csv: spoiled() },
  written: { spec: aSpec(), csv: WRITTEN },
  hashed: {
    spec: hashedSpec,
    csv: aCsv(...hashedRows.map(({ id, day, size, kind }) => `${id},${day},${size},${kind},true,`), ...HASHED_BROKEN),
    withKey: true,
  },
};

/** All jobs in one process: Spark takes longer to start than to work here. */
const PROGRAM = `
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from refine_dataset import main
for words in json.loads(sys.argv[2]):
    print("ENDED", main(words), flush=True)
`;

/** Java and pyspark. Continuous integration has to have both; a developer's machine without them is told what it leaves out. */
const python = await (async () => {
  try {
    await run('java', ['-version']);
    return await peerPython(join(import.meta.dirname, 'spark-requirements.txt'));
  } catch (cause) {
    const message =
      'this test runs Spark, which needs Java 17 (https://adoptium.net) and pyspark from the package index';
    if (process.env['CI']) throw new Error(message, { cause });
    process.stderr.write(
      `SKIPPED test/local/data/refine-with-spark.test.ts: ${message}; got ${String(cause).slice(0, 200)}\n`,
    );
    return undefined;
  }
})();
const suite = python === undefined ? describe.skip : describe;

let ended: string[] = [];
let complaints = '';
beforeAll(async () => {
  if (python === undefined) return;
  writeFileSync(join(folder, 'key.hex'), Buffer.from(KEY).toString('hex'));
  const words = Object.entries(JOBS).map(([name, job]) => wordsOf(name, job));
  const unkeyed = wordsOf('hashed', { ...(JOBS['hashed'] as Job), withKey: false }).map((word) =>
    word.replace(/hashed$/, 'unkeyed'),
  );
  const checked = wordsOf('checked', {
    spec: aSpec({ checks: [{ rule: 'sql', name: 'some', where: 'true', level: 'warn' }] }),
    csv: WRITTEN,
  });
  const { stdout, stderr } = await run(python, ['-c', PROGRAM, SCRIPTS, JSON.stringify([...words, unkeyed, checked])], {
    timeout: 240_000,
    maxBuffer: 1 << 26,
    env: {
      ...process.env,
      TZ: 'America/New_York',
      SPARK_LOCAL_IP: '127.0.0.1',
      PYSPARK_SUBMIT_ARGS:
        '--master local[2] --driver-memory 1g --conf spark.sql.shuffle.partitions=1 --driver-java-options -XX:TieredStopAtLevel=1 --conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false pyspark-shell',
    },
  });
  ended = stdout.split('\n').filter((line) => line.startsWith('ENDED'));
  complaints = stderr;
}, 900_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function wordsOf(name: string, { spec, csv, withKey }: Job): string[] {
  const at = (file: string) => join(folder, file);
  writeFileSync(at(`${name}.json`), JSON.stringify(spec));
  writeFileSync(at(`${name}.csv`), csv);
  const key = withKey ? ['--key-file', at('key.hex')] : [];
  return ['--spec', at(`${name}.json`), '--input', at(`${name}.csv`), '--output', at(name), ...key];
}

type Row = Record<string, unknown>;
const inOrder = (rows: Row[]) =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)),
        (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
      ),
    )
    .sort();
const rowsIn = async (bytes: Uint8Array): Promise<Row[]> =>
  (await parquetReadObjects({ file: new Uint8Array(bytes).buffer })) as Row[];
const filesOf = (name: string, side: string) =>
  readdirSync(join(folder, name, side), { recursive: true, encoding: 'utf8' }).filter((each) =>
    each.endsWith('.parquet'),
  );

async function sparkRows(name: string, side: string): Promise<Row[]> {
  const parts = filesOf(name, side).map((file) => rowsIn(readFileSync(join(folder, name, side, file))));
  return (await Promise.all(parts)).flat();
}

function reportOf(name: string): Report {
  const file = readdirSync(join(folder, name, 'report')).find((each) => each.endsWith('.txt')) as string;
  return JSON.parse(readFileSync(join(folder, name, 'report', file), 'utf8')) as Report;
}

async function duckdbRows({ spec, csv }: Job) {
  const at = aRefinery();
  const { files, rows, counts } = await refined(csv, spec, at);
  const sides: Record<string, Row[]> = { train: [], test: [] };
  for (const { path, split } of files) {
    sides[split]?.push(...(await rowsIn((await at.curated.get(`default/${spec.dataset}/${path}`)) as Uint8Array)));
  }
  return { sides, rows, counts };
}

suite.each(['weather', 'written', 'hashed'])('Spark makes of %s what DuckDB makes of it', (name) => {
  const byName = (counts: Report['counts']) =>
    counts.map(({ column, rule, level, rows }) => `${column} ${rule} ${level} ${rows}`).sort();

  test('the same rows on each side, value for value and type for type', async () => {
    const { sides } = await duckdbRows(JOBS[name] as Job);
    for (const side of ['train', 'test']) {
      expect((sides[side] as Row[]).length).toBeGreaterThan(0);
      expect(inOrder(await sparkRows(name, side))).toEqual(inOrder(sides[side] as Row[]));
    }
  });

  test('the same counts of rows, and of broken rules by column', async () => {
    const { rows, counts } = await duckdbRows(JOBS[name] as Job);
    expect(byName(reportOf(name).counts)).toEqual(byName(counts));
    // It takes no row's place: a spec that asks for that is refused.
    expect({ ...reportOf(name).rows, replaced: 0 }).toEqual(rows);
    expect(counts.length).toBeGreaterThan(name === 'hashed' ? 3 : 5);
  });
});

suite('what a split by hash and privacy make of a file', () => {
  const pseudonym = (text: string) => createHmac('sha256', KEY).update(text, 'utf8').digest('hex');
  const drawn = (kind: string) =>
    Number.parseInt(
      createHash('sha256')
        .update(`drawn/${pseudonym(kind)}`)
        .digest('hex')
        .slice(0, 8),
      16,
    ) <
    (30 / 100) * 2 ** 32;
  const wanted = (test: boolean) =>
    hashedRows
      .filter(({ kind }) => drawn(kind) === test)
      .map(({ id, day, size, kind }) => ({
        ...{
          id: BigInt(id),
          day: new Date(`${day.slice(0, 7)}-01`),
          size: Math.floor(size / 5) * 5,
          kind: pseudonym(kind),
          seen: null,
        },
      }));

  test('is what their rules say, worked out here by hand', async () => {
    for (const side of ['train', 'test']) {
      expect(wanted(side === 'test').length).toBeGreaterThan(20);
      expect(inOrder(await sparkRows('hashed', side))).toEqual(inOrder(wanted(side === 'test')));
    }
  });

  test('lies in one folder for each month', () => {
    const months = new Set(filesOf('hashed', 'train').map((file) => file.split('/')[0]));
    expect([...months].sort()).toEqual(Array.from({ length: 9 }, (_, i) => `month=2019-0${i + 1}`));
  });

  test('has no identifier in it anywhere', () => {
    for (const file of filesOf('hashed', 'train'))
      expect(readFileSync(join(folder, 'hashed/train', file)).includes('ller ')).toBe(false);
  });
});

(python === undefined ? test.skip : test)(
  'a job without its key, or with a spec that it does not apply, is refused by name',
  () => {
    expect(ended).toEqual([...Object.keys(JOBS).map(() => 'ENDED 0'), 'ENDED 2', 'ENDED 2']);
    expect(complaints).toMatch(/PseudonymKeyMissing: columns\.kind\.privacy/);
    expect(complaints).toMatch(/SpecUnsupported: checks\.some: this job does not apply it/);
  },
);
