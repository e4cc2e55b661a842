import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ingested, putFile } from '../../../bin/client/uploads.ts';
import { dataProfileVerbs } from '../../../bin/commands/data-profile.ts';
import { queryDatasets } from '../../../bin/query/query-datasets.ts';
import { resultCsv } from '../../../bin/query/result-text.ts';
import { DataRoutes, type IngestionView, type VersionDiff } from '../../../lambdas/data/contract.ts';
import { chromium, openBrowser } from '../browser.ts';
import { dataCloud } from './data-cloud.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FILE = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet');
const cloud = dataCloud();
const cache = mkdtempSync(join(tmpdir(), 'millrace-test-cache-'));
const context = { client: async () => cloud.api, cache, progress: () => {} };
const query = async (sql: string) => (await queryDatasets(context, { sql, limit: 100 })).rows;
const DECEMBER = `select date - interval 31 day as date, delay + 60 as delay, distance, origin, destination
  from "flights@1" where date < '2001-02-01'`;

async function outputOf(name: string, input: Record<string, unknown>) {
  const verb = dataProfileVerbs.find((each) => each.name === name);
  if (!verb?.show) throw new Error(`there is no verb ${name} with text for people`);
  const signal = new AbortController().signal;
  const output = await verb.run(
    { ...context, stage: 'local', workspace: cloud.workspace, signal },
    verb.input.parse(input),
  );
  return { output, text: stripVTControlCharacters(verb.show(output)) };
}

/** The picture of the docs, which are given it with a palette. Written only when asked for: fonts differ from machine to machine. */
async function picture(page: string): Promise<void> {
  const to = process.env['MILLRACE_PICTURES'];
  const program = to === undefined ? undefined : chromium();
  if (to === undefined || program === undefined) return;
  const browser = await openBrowser(program, { width: 1180, height: 2450 });
  try {
    await browser.open(pathToFileURL(page).href);
    writeFileSync(join(to, 'profile.png'), await browser.picture());
  } finally {
    await browser.close();
  }
}

const put = async (): Promise<IngestionView> => {
  const body = () => Readable.toWeb(createReadStream(FILE)) as ReadableStream;
  const uploadId = await putFile(cloud.api, 'flights', {
    fileName: 'flights-3m.parquet',
    bytes: statSync(FILE).size,
    body,
  });
  return ingested(cloud.api, 'flights', uploadId, () => {});
};

/** Three million rows in all that examples/flights/README.md says of them. */
describe('the example flights', () => {
  let ingestion: IngestionView;
  beforeAll(async () => {
    const spec = readFileSync(join(ROOT, 'examples/flights/flights.yaml'), 'utf8');
    await cloud.api.call(DataRoutes.createDataset, { dataset: 'flights', spec });
    ingestion = await put();
  }, 600_000);

  test('is taken in but for the three rows that cannot be true', () => {
    expect(ingestion).toMatchObject({ status: 'succeeded', rows: 2_999_997, quarantined: 3 });
    expect(ingestion.breaches).toEqual([expect.objectContaining({ column: 'delay', rule: 'range', rows: 3 })]);
  });

  test('lies by month, with June held out', async () => {
    const { manifest } = await cloud.api.call(DataRoutes.showVersion, { dataset: 'flights', version: 'latest' });
    const months = (split: string) => [
      ...new Set(manifest.files.filter((file) => file.split === split).map(({ partition }) => partition)),
    ];
    expect(months('train')).toEqual(['2001-01', '2001-02', '2001-03', '2001-04', '2001-05']);
    expect(months('test')).toEqual(['2001-06', '2001-07']);
  });

  test('answers what its page shows', async () => {
    const top = await query(`select origin, count(*) as flights, round(avg(delay), 1) as late from flights
      group by origin having count(*) > 20000 order by late desc limit 5`);
    expect(top).toEqual([
      ['JFK', 25788, 11.6],
      ['PHX', 77763, 10.5],
      ['DEN', 55358, 10.4],
      ['SEA', 40888, 10.1],
      ['OAK', 25459, 9.3],
    ]);
    expect(await query("select count(*), max(date) < '2001-06-01' from flights")).toEqual([[2_497_769, true]]);
  }, 120_000);

  test('is found by a search', async () => {
    const { datasets } = await cloud.api.call(DataRoutes.searchDatasets, { words: 'delay', tag: 'aviation' });
    expect(datasets).toMatchObject([{ dataset: 'flights', latest: { number: 1, rows: 2_999_997 } }]);
  });

  test('put again is the same version', async () => {
    expect(await put()).toMatchObject({ unchanged: true, number: 1, version: ingestion.version });
  }, 600_000);

  test('gets a December that its page makes up from what a query prints: files of its own, and late', async () => {
    const rows = await queryDatasets(context, { sql: DECEMBER, limit: 1_000_000 });
    const text = resultCsv(rows);
    const bytes = Buffer.byteLength(text);
    const uploadId = await putFile(cloud.api, 'flights', { fileName: 'december.csv', bytes, body: () => text });
    const december = await ingested(cloud.api, 'flights', uploadId, () => {});
    expect(december).toMatchObject({ number: 2, rows: 508_239, quarantined: 0 });
    const { output, text: said } = await outputOf('data diff', { dataset: 'flights', before: '1', after: '2' });
    const { files } = output as VersionDiff;
    expect(files).toMatchObject({ removed: [], kept: expect.any(Number) });
    expect(new Set(files.added.map(({ path }) => path.split('/').slice(0, 2).join('/')))).toEqual(
      new Set(['train/month=2000-12']),
    );
    await cloud.api.call(DataRoutes.tagVersion, { dataset: 'flights', version: '1', tag: 'before-december' });
    const sql = 'select (select count(*) from "flights@before-december"), (select count(*) from flights)';
    expect(await query(sql)).toEqual([[2_497_769, 3_006_008]]);
    expect(said).toMatch(/^delay +shifted +0\.127 +0\.120 +0 % +6\.669 → 15\.31 +-1 → 2$/m);
  }, 600_000);

  test('has a page with what was not taken, and one with what changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-test-page-'));
    const [first, second] = [join(folder, '1.html'), join(folder, '2.html')];
    await outputOf('data profile', { dataset: 'flights@1', html: first });
    await outputOf('data profile', { dataset: 'flights@2', html: second });
    expect(readFileSync(first, 'utf8')).toContain('of 3,000,000 rows 2,999,997 are new');
    expect(readFileSync(first, 'utf8')).toContain('<td class="number">515,378</td><td>delay</td><td>range</td>');
    expect(readFileSync(second, 'utf8')).toContain('<strong>+508,239 rows</strong>');
    await picture(second);
    rmSync(folder, { recursive: true });
  }, 120_000);
});
