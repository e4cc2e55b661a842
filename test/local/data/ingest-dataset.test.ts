import { beforeAll, describe, expect, test } from '@jest/globals';
import { parquetReadObjects } from 'hyparquet';
import { curatedKey, DataRoutes, datasetRef, datasetVersionRef } from '../../../lambdas/data/contract.ts';
import { verifySubject, walk } from '../../../lambdas/lineage/graph.ts';
import { digestOf } from '../../../lambdas/shared/digest.ts';
import { weatherCsv } from '../../builders/dataset.ts';
import { dataCloud } from './data-cloud.ts';

const cloud = dataCloud();
const SEATTLE = weatherCsv({ location: 'Seattle', to: '2014-12-31' });

beforeAll(() => cloud.createDataset());

describe('a file that is uploaded', () => {
  test('becomes a dataset version with typed files, manifest, profile and lineage', async () => {
    const ingestion = await cloud.ingested(SEATTLE);
    expect(ingestion).toMatchObject({ status: 'succeeded', rows: 1096, quarantined: 0, unchanged: false, number: 1 });
    const named = { dataset: cloud.dataset, version: 'latest' };
    const { manifest, ...fact } = await cloud.api.call(DataRoutes.showVersion, named);
    expect(fact.version).toBe(ingestion.version);
    expect(manifest.files).toMatchObject([{ split: 'train', rows: 1096 }]);
    const file = (await cloud.curated.get(curatedKey(manifest, manifest.files[0]!))) as Uint8Array;
    expect(digestOf(file)).toBe(manifest.files[0]?.sha256);
    const rows = await parquetReadObjects({ file: new Uint8Array(file).buffer });
    expect(rows[0]).toMatchObject({ location: 'Seattle', date: new Date('2012-01-01'), temp_max: 12.8 });
    const profile = await cloud.api.call(DataRoutes.showProfile, named);
    expect(profile).toMatchObject({ rows: 1096, columns: { wind: { count: 1096, nulls: 0 } } });
    const { nodes } = await walk(cloud.catalogue, datasetVersionRef(cloud.workspace, cloud.dataset, fact.version), {
      direction: 'upstream',
    });
    const raw = nodes.find(({ ref }) => ref.startsWith('raw-object:'))?.fact;
    expect(raw).toMatchObject({ key: ingestion.key, sha256: digestOf(SEATTLE), bytes: SEATTLE.length });
  });

  test('a second time changes nothing and says so', async () => {
    const before = await cloud.versions();
    const again = await cloud.ingested(SEATTLE, 'again.csv');
    expect(again).toMatchObject({ status: 'succeeded', unchanged: true, version: before[0]?.version, rows: 0 });
    expect(await cloud.versions()).toEqual(before);
  });

  test('takes only the announced bytes, at the announced place, once', async () => {
    const upload = await cloud.createUpload(6);
    const elsewhere = { ...upload, url: upload.url.replace('weather.csv', 'other.csv') };
    expect((await cloud.put(elsewhere, 'a,b\n1\n')).status).toBe(403);
    expect((await cloud.put({ ...upload, headers: {} }, 'a,b\n1,2\n')).status).toBe(403);
    expect((await cloud.put(upload, 'a,b\n1\n')).status).toBe(200);
    expect((await cloud.put(upload, 'c,d\n1\n')).status).toBe(412);
    expect(await cloud.ended(upload.uploadId)).toMatchObject({ status: 'refused', error: { name: 'HeaderMismatch' } });
  });

  test('with some broken rows is taken without them, and the report says which', async () => {
    const broken = `${weatherCsv({ location: 'Seattle', from: '2015-01-01', to: '2015-01-31' })}Seattle,2015-02-01,-1,a,,4.7,hail\n`;
    const ingestion = await cloud.ingested(broken);
    expect(ingestion).toMatchObject({ status: 'succeeded', rows: 31, quarantined: 1 });
    const report = (await cloud.curated.get(ingestion.qualityKey as string)) as Uint8Array;
    expect(JSON.parse(Buffer.from(report).toString()).sample).toEqual([
      { row: 32, column: 'precipitation', value: '-1', rule: 'range', level: 'quarantine' },
      { row: 32, column: 'temp_max', value: 'a', rule: 'type', level: 'quarantine' },
      { row: 32, column: 'temp_min', value: null, rule: 'required', level: 'quarantine' },
      { row: 32, column: 'weather', value: 'hail', rule: 'values', level: 'quarantine' },
    ]);
  });
});

test('a large file is taken in parts, side by side, and makes one version', async () => {
  const before = (await cloud.versions())[0]?.rows ?? 0;
  // Every day of three centuries at both places: 9 MB, where the local stage takes parts of 4.
  const days = Array.from({ length: 110_000 }, (_, i) => new Date(Date.UTC(1700, 0, 1 + i)).toISOString().slice(0, 10));
  const rows = days.flatMap((day, i) => [
    `Seattle,${day},${i % 90},21.5,11.25,4.7,sun`,
    `New York,${day},0,1.125,0.5,4.7,rain`,
  ]);
  const csv = `location,date,precipitation,temp_max,temp_min,wind,weather\n${rows.join('\n')}\n`;
  const ingestion = await cloud.ingested(csv);
  expect(ingestion).toMatchObject({ status: 'succeeded', rows: rows.length, quarantined: 0 });
  expect((await cloud.versions())[0]?.rows).toBe(before + rows.length);
  const staged = await cloud.curated.list(`_staging/${cloud.workspace}/${cloud.dataset}/${ingestion.uploadId}/`);
  expect(staged.filter((key) => key.endsWith('.json'))).toHaveLength(3);
}, 120_000);

describe('a file that is wrong', () => {
  const header = 'location,date,precipitation,temp_max,temp_min,wind,weather\n';
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  test.each<[string, string | Uint8Array, string, RegExp]>([
    ['no CSV', png, 'CsvUnparsable', /^header: got bytes that are not UTF-8/],
    ['an open quote', `${header}"Seattle,2015-03-01,0,1,1,1,sun\n`, 'CsvUnparsable', /^row 1: .*no partner$/],
    [
      'a wrong header',
      'place,date\nSeattle,2015-03-01\n',
      'HeaderMismatch',
      /^header: got "place,date", which lacks "location"/,
    ],
    [
      'a column of the wrong type',
      `${header}Seattle,2015-03-01,some,1,1,1,sun\n`,
      'ColumnTypeMismatch',
      /^precipitation: got "some" in row 1/,
    ],
    ['only broken rows', `${header}Oslo,2015-03-01,0,1,1,1,sun\n`, 'RowsAllBroken', /^rows: got 1 of which none/],
    ['a header without rows', header, 'FileWithoutRows', /^rows: got none/],
  ])('%s: is refused by name, and nothing else changes', async (_what, content, name, message) => {
    const before = await cloud.versions();
    const ingestion = await cloud.ingested(content);
    expect(ingestion).toMatchObject({ status: 'refused', error: { name, message: expect.stringMatching(message) } });
    expect(await cloud.versions()).toEqual(before);
    expect(await cloud.raw.head(ingestion.key)).toBeDefined();
  });

  test('an object of 0 bytes is refused when it is announced, and when it is copied in', async () => {
    await expect(cloud.createUpload(0)).rejects.toMatchObject({ name: 'FileZeroBytes' });
    const { key, uploadId } = await cloud.createUpload(1);
    await cloud.copyIn(key.slice(cloud.workspace.length + 1), '');
    expect(await cloud.ended(uploadId)).toMatchObject({ status: 'refused', error: { name: 'FileZeroBytes' } });
  });
});

test('an object that somebody copies into the raw zone is taken as well', async () => {
  const before = (await cloud.versions()).length;
  await cloud.copyIn('weather/by hand/new york 2015.csv', weatherCsv({ location: 'New York', from: '2015-12-01' }));
  let versions = await cloud.versions();
  while (versions.length === before) versions = await cloud.versions();
  expect(versions[0]).toMatchObject({ number: before + 1, parent: versions[1]?.version });
});

test('files that arrive at once all end up in the latest version, whose ledger holds', async () => {
  const [latest] = await cloud.versions();
  const months = ['2012-01', '2012-02', '2012-03'].map((month) =>
    weatherCsv({ location: 'New York', from: `${month}-01`, to: `${month}-31` }),
  );
  const all = await Promise.all(months.map((month) => cloud.ingested(month)));
  expect(all).toMatchObject([{ rows: 31 }, { rows: 29 }, { rows: 31 }]);
  const [now] = await cloud.versions();
  expect(now).toMatchObject({ rows: (latest?.rows ?? 0) + 91, number: (latest?.number ?? 0) + 3 });
  const ledger = await verifySubject(cloud.catalogue, datasetRef(cloud.workspace, cloud.dataset));
  expect(ledger).toMatchObject({ intact: true, entries: (now?.number ?? 0) + 1 });
});
