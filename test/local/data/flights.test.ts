import { createReadStream, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ingested, putFile } from '../../../bin/client/uploads.ts';
import { queryDatasets } from '../../../bin/query/query-datasets.ts';
import { DataRoutes, type IngestionView } from '../../../lambdas/data/contract.ts';
import { dataCloud } from './data-cloud.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FILE = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet');
const cloud = dataCloud();
const cache = mkdtempSync(join(tmpdir(), 'millrace-test-cache-'));
const query = async (sql: string) =>
  (await queryDatasets({ client: async () => cloud.api, cache, progress: () => {} }, { sql, limit: 100 })).rows;
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
});
