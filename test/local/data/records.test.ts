import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiClient } from '../../../bin/client/api-client.ts';
import { waitFor } from '../../../bin/wait.ts';
import { DataRoutes } from '../../../lambdas/data/contract.ts';
import { GatewayRoutes } from '../../../lambdas/gateway/contract.ts';
import { startCli } from '../cli-process.ts';
import { type Reading, streamCloud } from './stream-cloud.ts';

const reading = (id: number, day: string, value = id): Reading => ({ id: `r-${id}`, day, value });
/** In disorder: days go back and forth. */
const READINGS = [
  reading(5, '2026-01-05'),
  reading(1, '2026-01-01'),
  reading(4, '2026-01-04'),
  reading(2, '2026-01-05'),
];
/** From as many senders at once. */
const MANY = Array.from({ length: 12 }, (_, i) => reading(100 + i, '2026-02-01'));
const LATE = reading(9, '2026-01-01');
const partitions = (files: readonly { partition?: string; rows: number }[]) => {
  const rows: Record<string, number> = {};
  for (const { partition = 'none', rows: more } of files) rows[partition] = (rows[partition] ?? 0) + more;
  return rows;
};

describe('records that are sent', () => {
  const cloud = streamCloud();
  let uploadId: string;
  beforeAll(() => cloud.createDataset());

  test('are taken from an app, which may do nothing else here', async () => {
    const { token } = await cloud.api.call(GatewayRoutes.createToken, {
      name: 'instruments',
      roles: ['app'],
      workspaces: [cloud.workspace],
    });
    const app = apiClient({ ...cloud.api.connection, token, workspace: cloud.workspace });
    const answer = await app.call(DataRoutes.sendRecords, { dataset: cloud.dataset, records: READINGS });
    expect(answer).toMatchObject({ accepted: 4, repeated: false, refused: [] });
    uploadId = answer.uploadId as string;
    await expect(app.call(DataRoutes.showDataset, { dataset: cloud.dataset })).rejects.toMatchObject({
      name: 'RoleMissing',
    });
  });

  test('are taken once, and all of one time into one object of the raw zone', async () => {
    expect(await cloud.send(READINGS)).toMatchObject({ accepted: 4, repeated: true, uploadId });
    const more = await cloud.send([READINGS[0], LATE, { id: 'r-10', day: 'never', value: 1 }, { day: '2026-01-01' }]);
    expect(more).toMatchObject({ accepted: 3, uploadId, refused: [{ index: 3, field: 'id' }] });
    const many = await Promise.all(MANY.map((each) => cloud.send([each])));
    expect(many.map(({ accepted }) => accepted)).toEqual(MANY.map(() => 1));
    const lines = await waitFor(cloud.lines, ({ length }) => length > 0, { what: 'the flush', timeoutMs: 60_000 });
    const ids = lines.map((line) => (JSON.parse(line) as Reading).id);
    expect(ids.slice(0, 7)).toEqual(['r-5', 'r-1', 'r-4', 'r-2', 'r-5', 'r-9', 'r-10']);
    expect(ids.slice(7).sort()).toEqual(MANY.map(({ id }) => id).sort());
    expect(await cloud.uploads()).toEqual([uploadId]);
    const buffered = () => cloud.buffered(uploadId);
    await waitFor(buffered, ({ length }) => length === 0, { what: 'the emptying', timeoutMs: 60_000 });
  });

  test('are in the dataset, each once and in the partition of its day, and the broken one is in quarantine', async () => {
    const ingestion = await cloud.ended(uploadId);
    expect(ingestion).toMatchObject({ status: 'succeeded', rows: 17, repeated: 1, quarantined: 1 });
    const { manifest } = await cloud.latest();
    expect(partitions(manifest.files)).toEqual({ '2026-01-01': 2, '2026-01-04': 1, '2026-01-05': 2, '2026-02-01': 12 });
  });
});

describe('the command line', () => {
  const cloud = streamCloud();
  beforeAll(() => cloud.createDataset());

  test('sends a file of records, and says which lines it could not', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'records-')), 'readings.jsonl');
    writeFileSync(file, `${READINGS.map((each) => JSON.stringify(each)).join('\n')}\nnot json\n`);
    const { code, output } = await startCli(cloud, 'data', 'send', cloud.dataset, file).ended();
    expect([code, output]).toMatchObject([0, { accepted: 4, refused: [{ line: 5 }], uploads: [expect.any(String)] }]);
    const { uploads = [] } = (output ?? {}) as { uploads?: string[] };
    expect(await cloud.buffered(uploads[0] ?? '')).toMatchObject([{ records: 4 }]);
  });
});

describe('records of a stream', () => {
  const cloud = streamCloud({ workspace: 'default' });
  beforeAll(() => cloud.createDataset());
  const poison = Uint8Array.of(0xff, 0xfe, 0x0a);
  const put = [...READINGS, READINGS[1] as Reading, LATE].map((each) => JSON.stringify(each));

  test('reach the raw zone, poison in its place as a line that is no row', async () => {
    await cloud.put([...put.slice(0, 3), poison, ...put.slice(3)]);
    const all = ({ length }: string[]) => length === put.length + 1;
    const lines = await waitFor(cloud.lines, all, { what: 'the delivery', timeoutMs: 60_000 });
    const [broken] = lines.filter((line) => !line.startsWith('{'));
    expect(broken).toMatch(
      new RegExp(`^poison shardId-\\d+/\\d+ not-utf-8 base64:${Buffer.from(poison).toString('base64')}$`),
    );
    expect(lines.filter((line) => line.startsWith('{')).sort()).toEqual([...put].sort());
  });

  test('are in the dataset, each once and in the partition of its day, and the poison is in quarantine', async () => {
    const ended = await Promise.all((await cloud.uploads()).map((uploadId) => cloud.ended(uploadId)));
    const sum = (field: 'rows' | 'repeated' | 'quarantined') =>
      ended.reduce((total, { [field]: count = 0 }) => total + count, 0);
    expect([sum('rows'), sum('repeated'), sum('quarantined')]).toEqual([5, 1, 1]);
    const { manifest } = await cloud.latest();
    expect(partitions(manifest.files)).toEqual({ '2026-01-01': 2, '2026-01-04': 1, '2026-01-05': 2 });
  });
});
