import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { queryDatasets } from '../../../bin/query/query-datasets.ts';
import { aVersionServer, type VersionServer } from '../../builders/version-server.ts';

let server: VersionServer;
beforeEach(async () => {
  server = await aVersionServer({
    flights: {
      columns: { origin: 'string', delay: 'integer', day: 'date' },
      versions: [
        ["SELECT 'ATL' AS origin, 5::BIGINT AS delay, DATE '2001-01-01' AS day"],
        [
          "SELECT 'ATL' AS origin, 5::BIGINT AS delay, DATE '2001-01-01' AS day",
          "SELECT 'LAS' AS origin, i::BIGINT AS delay, DATE '2001-01-02' AS day FROM range(100) r(i)",
        ],
      ],
    },
    'air-ports': { columns: { code: 'string' }, versions: [["SELECT 'LAS' AS code"]] },
    judged: { columns: { a: 'double', b: 'timestamp' }, versions: [[]] },
  });
});
afterEach(() => server.close());

const query = (sql: string, limit = 1000, signal?: AbortSignal) =>
  queryDatasets({ client: async () => server.api, cache: server.cache, progress: () => {}, signal }, { sql, limit });
const rows = async (sql: string) => (await query(sql)).rows;
const refusal = (sql: string) =>
  query(sql).then(
    () => 'answered',
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('a query', () => {
  test('reads the newest version of a dataset, and says which it was', async () => {
    const answer = await query('select origin, count(*) as n, max(day) as last from flights group by all order by 1');
    expect(answer).toMatchObject({
      columns: [
        { name: 'origin', type: 'VARCHAR' },
        { name: 'n', type: 'BIGINT' },
        { name: 'last', type: 'DATE' },
      ],
      rows: [
        ['ATL', 1, '2001-01-01'],
        ['LAS', 100, '2001-01-02'],
      ],
      truncated: false,
      datasets: [{ dataset: 'flights', number: 2, rows: 2 }],
    });
  });

  test('joins versions and datasets, under names in quotes and in whatever case', async () => {
    const sql = `with c as (select * from "air-ports") select
      (select count(*) from FLIGHTS), (select count(*) from "flights@1"), (select count(*) from "flights@latest" where origin in (from c))`;
    expect(await rows(sql)).toEqual([[101, 1, 100]]);
  });

  test('describes and summarises', async () => {
    expect((await rows('describe flights')).map(([name, type]) => [name, type])).toEqual([
      ['origin', 'VARCHAR'],
      ['delay', 'BIGINT'],
      ['day', 'DATE'],
    ]);
    expect(await rows('summarize flights')).toHaveLength(3);
  });

  test('of a version that has nothing to learn from has its columns and no rows', async () => {
    const { columns, rows: none } = await query('from judged');
    expect([columns.map(({ type }) => type), none]).toEqual([['DOUBLE', 'TIMESTAMP'], []]);
  });

  test('stops at its limit and says so', async () => {
    expect(await query('from flights', 10)).toMatchObject({ rows: { length: 10 }, truncated: true });
    expect(await query('from flights limit 10', 10)).toMatchObject({ rows: { length: 10 }, truncated: false });
    expect(await query('select 1', 1)).toMatchObject({ rows: [[1]], truncated: false, datasets: [] });
  });

  test('without end ends when it is interrupted', async () => {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 300);
    const endless = query('select count(*) from range(100000000000) a, range(1000000) b', 1, interrupt.signal);
    await expect(endless).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  test.each([
    ['selec 1', /^InvalidInput: sql: Parser Error: syntax error at or near "selec"/],
    ['-- nothing', /^InvalidInput: sql: got no statement/],
    ['select 1; select 2', /^InvalidInput: sql: got 2 statements/],
    ['select nothing from flights', /^InvalidInput: sql: Binder Error: Referenced column "nothing"/],
    ["from flights where delay > error('x')", /^InvalidInput: sql: /],
    ['from snow', /^DatasetVersionMissing: /],
    ['from "flights@0"', /^InvalidInput: sql: got the table "flights@0"/],
    ['from main.flights', /^InvalidInput: sql: got the table .*flights/],
    ['from "../flights"', /^InvalidInput: sql: got the table/],
  ])('%j is refused by name', async (sql, message) => {
    expect(await refusal(sql)).toMatch(message);
  });
});

describe('a query cannot', () => {
  const secret = join(mkdtempSync(join(tmpdir(), 'millrace-test-secret-')), 'secret.csv');
  writeFileSync(secret, 'a\n1\n');

  test.each([
    ['read a file', `select * from read_csv('${secret}')`],
    ['read a file by its name', `from '${secret}'`],
    ['read text', `select content from read_text('${secret}')`],
    ['list files', `from glob('${secret.replace('secret.csv', '*')}')`],
    ['fetch a URL', "from read_csv('http://127.0.0.1:9/x.csv')"],
    ['write a file', `copy (select 1) to '${secret}.out'`],
    ['write into the cache', `copy (select 1) to '${'CACHE'}/x.parquet'`],
    ['attach a database', `attach '${secret}.db' as x`],
    ['install an extension', 'install httpfs'],
    ['unlock itself', 'set enable_external_access = true'],
    ['hide a write', `explain analyze copy (select 1) to '${secret}.out'`],
    ['change a view', 'create or replace view flights as select 1'],
    ['read the environment', "select getenv('HOME')"],
  ])('%s', async (_what, sql) => {
    expect(await refusal(sql.replace('CACHE', server.cache))).toMatch(/^InvalidInput: sql: /);
    expect(readdirSync(join(secret, '..'))).toEqual(['secret.csv']);
  });
});

test('an interrupted query leaves no folder behind', async () => {
  const usual = process.env['TMPDIR'];
  // Of its own: others on this machine make such folders too.
  const temporary = mkdtempSync(join(tmpdir(), 'millrace-test-temporary-'));
  process.env['TMPDIR'] = temporary;
  try {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 200);
    const endless = query('select count(*) from range(100000000000) a, range(1000000) b', 1, interrupt.signal);
    await expect(endless).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    expect(readdirSync(temporary)).toEqual([]);
  } finally {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
  }
});

describe('the cache', () => {
  test('has a file once, whichever version it is of, and asks for none twice', async () => {
    await query('from "flights@1"');
    expect(server.gets).toHaveLength(1);
    await query('from flights');
    expect(server.gets).toHaveLength(2);
    await query('from flights');
    await query('from "flights@1"');
    expect(server.gets).toHaveLength(2);
    expect(readdirSync(server.cache).every((name) => /^[0-9a-f]{64}\.parquet$/.test(name))).toBe(true);
  });

  test('finds out a file that was changed, and brings it again', async () => {
    await query('from "flights@1"');
    const [name = ''] = readdirSync(server.cache);
    const place = join(server.cache, name);
    const before = readFileSync(place);
    writeFileSync(place, Buffer.from(before).fill(0, 20, 40));
    expect(await rows('select count(*) from "flights@1"')).toEqual([[1]]);
    expect(readFileSync(place)).toEqual(before);
  });

  test.each([
    ['expired'] as const,
    ['expired', 'expired', 'expired'] as const,
    ['cut short'] as const,
    ['unavailable', 'unavailable'] as const,
    ['other bytes'] as const,
    ['cut short', 'expired', 'other bytes'] as const,
  ])('gets over %s, %s, %s', async (...troubles) => {
    server.troubles.push(...troubles.filter((each) => each !== undefined));
    expect(await rows('select count(*) from flights')).toEqual([[101]]);
    expect(readdirSync(server.cache)).toHaveLength(2);
  });

  test('never keeps other bytes than the manifest names', async () => {
    server.troubles.push('other bytes', 'other bytes', 'other bytes', 'other bytes');
    expect(await refusal('from "flights@1"')).toMatch(/^CuratedFileDamaged: train\/.*the manifest says sha256:/);
    expect(readdirSync(server.cache)).toEqual([]);
  }, 20_000);

  test('says what is gone', async () => {
    server.troubles.push('missing', 'missing', 'missing', 'missing');
    expect(await refusal('from "flights@1"')).toMatch(/^CuratedFileDamaged: .*got nothing/);
  }, 20_000);

  test('is filled page by page, with the version that the first page named', async () => {
    await server.close();
    const selects = Array.from({ length: 7 }, (_, i) => `SELECT ${i}::BIGINT AS i`);
    server = await aVersionServer({ many: { columns: { i: 'integer' }, versions: [selects] } }, { page: 3 });
    server.troubles.push('expired');
    expect(await rows('select sum(i), count(*) from many')).toEqual([[21, 7]]);
    const versions = server.asked.map((url) => decodeURIComponent(url).split('/')[5]?.slice(0, 6));
    expect([versions[0], new Set(versions.slice(1))]).toEqual(['latest', new Set(['sha256'])]);
    expect(existsSync(server.cache)).toBe(true);
  });
});
