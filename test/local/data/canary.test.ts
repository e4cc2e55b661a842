import { setTimeout as sleep } from 'node:timers/promises';
import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetReadObjects } from 'hyparquet';
import { readLogs } from '../../../bin/local/logs.ts';
import { waitFor } from '../../../bin/wait.ts';
import { DataRoutes } from '../../../lambdas/data/contract.ts';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import type { ObjectStore } from '../../../lambdas/shared/objects.ts';
import { dataCloud } from './data-cloud.ts';
import { keysBelow } from './keys-below.ts';

const cloud = dataCloud();
const { api, workspace } = cloud;
const dataset = 'patients';
const artifacts = s3Objects(cloud.curated.bucket.replace('-curated-', '-artifacts-'), cloud.aws.s3);

/** One value of each private column, such as stands nowhere else. */
const CANARY = {
  name: 'Zebulon.Quixotry',
  phone: '555-0187-4242',
  seen: '1987-06-05',
  born: '1911-11-13',
};
/** As they are, in another case or encoding, and the telling part of each. */
const WORDS = [...Object.values(CANARY), 'Zebulon', 'Quixotry', 'ZEBULON', '0187-4242'].flatMap((word) => [
  word,
  Buffer.from(word).toString('hex'),
]);

const SPEC = {
  schema: 'millrace/dataset/1',
  dataset,
  owner: 'tests',
  columns: {
    id: { type: 'integer', role: 'key' },
    name: {
      ...{ type: 'string', role: 'subject', pattern: '[A-Z][a-z]+[.][A-Z][a-z]+' },
      privacy: { action: 'pseudonym' },
    },
    phone: { type: 'string', role: 'ignored', pattern: '[0-9-]+', privacy: { action: 'drop' } },
    seen: { type: 'date', role: 'feature', privacy: { action: 'shift', days: 20, subject: 'name' } },
    born: { type: 'date', role: 'feature', privacy: { action: 'truncate', to: 'year' } },
    pulse: { type: 'double', role: 'feature', min: 20, max: 250 },
  },
  checks: [
    { rule: 'sql', name: 'awake', where: "pulse > 30 OR name <> 'nobody'", level: 'warn' },
    { rule: 'unique', name: 'one-pulse', columns: ['pulse'], level: 'warn' },
  ],
  split: { by: 'name', testPercent: 20 },
  stream: { flushSeconds: 10 },
};

const HEADER = 'id,name,phone,seen,born,pulse';
const { name, phone, seen, born } = CANARY;
const row = (id: number | string, pulse: number | string = 70, given: Partial<typeof CANARY> = {}) => {
  const person = { ...CANARY, ...given };
  return `${id},${person.name},${person.phone},${person.seen},${person.born},${pulse}`;
};
const csv = (...rows: string[]) => `${[HEADER, ...rows].join('\n')}\n`;
const json = (id: unknown, more: object = {}) => JSON.stringify({ id, ...CANARY, pulse: 70, ...more });

/** By what is wrong with them; the first two are good. */
const FILES: Record<string, [fileName: string, content: string]> = {
  'good CSV': ['a.csv', csv(row(1), row(2, 80), row(3, 90, { name: 'Ada.Lovelace' }))],
  'good JSON Lines': ['a.jsonl', `${json(4, { pulse: 71 })}\n${json(5, { pulse: 72 })}\n`],
  'rows that break rules': [
    'b.csv',
    csv(
      row(6, 73),
      row('x'),
      row(7, 9000),
      row(8, 70, { name: `${name}!` }),
      row(9, 70, { phone: `call ${phone}` }),
      row(10, 70, { born: `${born}T` }),
      row(11, 70, { seen: `${seen} 10:00` }),
    ),
  ],
  'rows that contradict': ['c.csv', csv(row(1, 71), row(12, 74), row(12, 75), row(29, 84))],
  'rows with too few and too many fields': ['d.csv', csv(row(13, 76), `14,${name},${phone}`, `${row(15)},${name}`)],
  'an open quote': ['e.csv', csv(`16,"${name},${phone},${seen}`, row(17))],
  'no header': ['f.csv', `${row(18)}\n${row(19)}\n`],
  'another separator': ['g.csv', csv(row(20)).replaceAll(',', ';')],
  'no UTF-8': ['h.csv', Buffer.from(csv(row(21, 70, { name: `${name}\u00ff` })), 'utf8').toString('latin1')],
  'nothing but broken rows': ['i.csv', csv(row('y'), row('z'))],
  'lines that are no JSON, and fields that nobody knows': [
    'b.jsonl',
    [
      json(22, { pulse: 77 }),
      json(23).slice(0, -9),
      name,
      json(24, { [name]: phone }),
      json(25, { name: { first: name } }),
      json(26, { pulse: phone }),
    ].join('\n'),
  ],
  'a CSV that is called JSON Lines': ['c.jsonl', csv(row(27))],
  'bytes that are called Parquet': ['a.parquet', `PAR1${csv(row(28))}`],
};

const uploads: Record<string, string> = {};
const ended = async (uploadId: string) =>
  waitFor(
    () => api.call(DataRoutes.showIngestion, { dataset, uploadId }).catch(() => undefined),
    (view) => view !== undefined && view.status !== 'waiting' && view.status !== 'running',
    { what: `ingestion ${uploadId}`, timeoutMs: 120_000, pauseMs: 200 },
  );

/** Which of the words stand in a text; what is found names its place. */
function found(place: string, text: string): string[] {
  return WORDS.filter((word) => text.includes(word)).map((word) => `${place}: ${word}`);
}
async function foundInObjects(store: ObjectStore, prefix: string) {
  const keys = await keysBelow(store, prefix);
  const places = await Promise.all(
    keys.map(async (key) => {
      const bytes = (await store.get(key)) as Uint8Array;
      const at = `${store.bucket} ${key}`;
      const own = [...found(at, key), ...found(at, Buffer.from(bytes).toString('latin1'))];
      // Something of the raw zone may only be called so.
      if (Buffer.from(bytes.subarray(-4)).toString() !== 'PAR1') return own;
      const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
      return [
        ...own,
        ...found(
          `${at} (rows)`,
          JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
        ),
      ];
    }),
  );
  return { keys, places: places.flat() };
}
async function itemsOf(TableName: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let ExclusiveStartKey: ScanPage['LastEvaluatedKey'];
  do {
    const page: ScanPage = await cloud.aws.dynamodb.send(new ScanCommand({ TableName, ExclusiveStartKey }));
    items.push(...((page.Items ?? []) as Record<string, unknown>[]));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items;
}
type ScanPage = Awaited<ReturnType<typeof scanned>>;
const scanned = (TableName: string) => cloud.aws.dynamodb.send(new ScanCommand({ TableName }));

beforeAll(async () => {
  await api.call(DataRoutes.createDataset, { dataset, spec: JSON.stringify(SPEC) });
  for (const [what, [fileName, content]] of Object.entries(FILES)) {
    const bytes = fileName === 'h.csv' ? Buffer.from(content, 'latin1') : Buffer.from(content);
    const upload = await api.call(DataRoutes.createUpload, { dataset, fileName, bytes: bytes.length });
    const answer = await cloud.put(upload, bytes);
    if (!answer.ok) throw new Error(`${what}: the raw zone answered ${answer.status}`);
    uploads[what] = upload.uploadId;
    await ended(upload.uploadId);
  }
}, 300_000);
afterAll(() => cloud.aws.destroy());

describe('an identifier', () => {
  const records = [
    { id: 40, ...CANARY, pulse: 78 },
    { id: 41, ...CANARY, pulse: phone },
    { id: 42, ...CANARY, pulse: 79, [name]: phone },
    { ...CANARY, pulse: 70 },
    { id: name, ...CANARY, pulse: 70 },
  ];
  let told = '';

  test('comes in files of every kind, and in records', async () => {
    const statuses = await Promise.all(
      Object.entries(uploads).map(async ([what, id]) => [what, (await ended(id))?.status]),
    );
    expect(Object.fromEntries(statuses)).toEqual({
      'good CSV': 'succeeded',
      'good JSON Lines': 'succeeded',
      'rows that break rules': 'succeeded',
      'rows that contradict': 'succeeded',
      'rows with too few and too many fields': 'succeeded',
      'an open quote': 'refused',
      'no header': 'refused',
      'another separator': 'refused',
      'no UTF-8': 'refused',
      'nothing but broken rows': 'refused',
      'lines that are no JSON, and fields that nobody knows': 'succeeded',
      'a CSV that is called JSON Lines': 'refused',
      'bytes that are called Parquet': 'refused',
    });
    const answer = await api.call(DataRoutes.sendRecords, { dataset, records });
    expect(answer).toMatchObject({ accepted: 3, refused: [{ index: 3 }, { index: 4 }] });
    uploads['records'] = answer.uploadId as string;
    expect(await ended(uploads['records'])).toMatchObject({ status: 'succeeded', rows: 1, quarantined: 2 });
    // The sender is told which field it was of its own record; that stays between the two.
    await expect(api.call(DataRoutes.sendRecords, { dataset, records: [CANARY, name] })).resolves.toMatchObject({
      accepted: 0,
    });
  }, 180_000);

  test('is in the raw zone, where nothing is lost, or this search would find nothing anywhere', async () => {
    const { places } = await foundInObjects(cloud.raw, `${workspace}/`);
    for (const word of Object.values(CANARY)) expect(places.some((place) => place.endsWith(word))).toBe(true);
  });

  test('is in no object of the curated zone or of artifacts', async () => {
    const curated = await foundInObjects(cloud.curated, '');
    const own = curated.keys.filter((key) => key.includes(`${workspace}/${dataset}/`));
    for (const part of ['train', 'manifests', 'profiles', 'quality'])
      expect(own.some((key) => key.includes(`/${part}/`))).toBe(true);
    expect(curated.places).toEqual([]);
    expect((await foundInObjects(artifacts, '')).places).toEqual([]);
  });

  test('is in no item of the catalogue, and in none of the buffer once that is flushed', async () => {
    const catalogue = await itemsOf(`millrace-${cloud.stage}-catalogue`);
    expect(catalogue.filter((item) => JSON.stringify(item).includes(workspace)).length).toBeGreaterThan(20);
    expect(catalogue.flatMap((item) => found(JSON.stringify(item['pk']), JSON.stringify(item)))).toEqual([]);
    const own = async () =>
      (await itemsOf(`millrace-${cloud.stage}-records`)).filter((item) => JSON.stringify(item).includes(workspace));
    const left = await waitFor(own, (items) => items.every((item) => !('lines' in item)), {
      what: 'the emptying of the buffer',
      timeoutMs: 60_000,
    });
    // Who sent what, as a digest, so that a batch which comes again is known.
    expect(left.map((item) => Object.keys(item).sort())).toEqual([
      ['content', 'expiresAt', 'openedAt', 'pk', 'records', 'segment', 'sk'],
    ]);
    expect(left.flatMap((item) => found('buffer', JSON.stringify(item)))).toEqual([]);
  }, 90_000);

  test('is in no answer about an upload, a version or the dataset', async () => {
    const ask = async (call: Promise<unknown>) => {
      told += JSON.stringify(await call.catch(({ name: error, message }: Error) => ({ error, message })));
    };
    for (const uploadId of Object.values(uploads)) {
      await ask(api.call(DataRoutes.showIngestion, { dataset, uploadId }));
      await ask(api.call(DataRoutes.showUploadQuality, { dataset, uploadId }));
    }
    const { versions } = await api.call(DataRoutes.listVersions, { dataset });
    for (const { number } of versions) {
      const version = String(number);
      await ask(api.call(DataRoutes.showQuality, { dataset, version }));
      await ask(api.call(DataRoutes.showProfile, { dataset, version }));
      await ask(api.call(DataRoutes.showVersion, { dataset, version }));
    }
    await ask(api.call(DataRoutes.showDataset, { dataset }));
    expect(told).toContain('HeaderMismatch');
    expect(told).toContain('RowsAllBroken');
    expect(found('answers', told)).toEqual([]);
  });

  test('is in no log of any function', async () => {
    // The emulator writes them a moment after the answer.
    await sleep(2000);
    const lines: string[] = [];
    const from = new Set<string>();
    await readLogs(cloud.aws, {
      onLine: (line) => {
        from.add(line.from);
        lines.push(`${line.from}: ${line.text}`);
      },
    });
    expect([...from]).toEqual(expect.arrayContaining(['data-api', 'data-ingest', 'data-flush']));
    expect(lines.flatMap((line) => found(line, line))).toEqual([]);
  });

  test('is in no metric, and in nothing that a workflow took or gave', async () => {
    const metrics = await cloud.aws.cloudwatch.send(new ListMetricsCommand({}));
    expect(found('metrics', JSON.stringify(metrics.Metrics ?? []))).toEqual([]);
    const { stateMachines = [] } = await cloud.aws.sfn.send(new ListStateMachinesCommand({}));
    let seen = 0;
    for (const { stateMachineArn, name: machine = '' } of stateMachines) {
      if (!machine.includes('-data-')) continue;
      const { executions = [] } = await cloud.aws.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      for (const { executionArn } of executions) {
        const whole = await cloud.aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (!JSON.stringify(whole).includes(workspace)) continue;
        const { events = [] } = await cloud.aws.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
        seen++;
        expect(found(machine, JSON.stringify([whole, events]))).toEqual([]);
      }
    }
    expect(seen).toBeGreaterThanOrEqual(Object.keys(uploads).length);
  });
});
