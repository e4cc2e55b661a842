import { describe, expect, test } from '@jest/globals';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { flushRecords } from '../../lambdas/data/flush-records.ts';
import { sendRecordsEndpoint } from '../../lambdas/data/handlers/send-records.ts';
import { sendRecords } from '../../lambdas/data/send-records.ts';
import { api } from '../../lambdas/shared/api.ts';
import { anApiEvent } from '../builders/api-event.ts';
import { aSpec } from '../builders/dataset.ts';
import { aRecord, aRecordWorld, RECORDS_AT, rawLines, THINGS } from '../builders/records.ts';
import { seededRandom } from '../fakes/faulty.ts';

const FIRST = '1'.padStart(26, '0');
const SECOND = '2'.padStart(26, '0');
const idsIn = (lines: readonly string[] = []) => lines.map((line) => (JSON.parse(line) as { id: number }).id);
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('records that are sent', () => {
  test('become one raw object when their time is over, in the order in which they were accepted', async () => {
    const world = await aRecordWorld();
    const first = await sendRecords(world.deps, { ...THINGS, records: [aRecord(2), aRecord(1)] });
    expect(first).toEqual({ accepted: 2, repeated: false, refused: [], uploadId: FIRST });
    world.later(45);
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(3)] });
    expect([...world.started]).toEqual([
      [`flush-${FIRST}`, { ...THINGS, segment: FIRST, openedAt: RECORDS_AT, seconds: 60 }],
    ]);
    expect(world.raw.keys()).toEqual([]);
    await world.flush();
    // The day is that of the segment's opening, whenever the flush comes.
    const key = `default/things/2026-01-05/${FIRST}/records.jsonl`;
    expect(idsIn((await rawLines(world.raw))[key])).toEqual([2, 1, 3]);
    expect(world.buffered()).toEqual([]);
  });

  test('after a flush go into the next object', async () => {
    const world = await aRecordWorld();
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(1)] });
    await world.flush();
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(2)] });
    await world.flush();
    expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual([[1], [2]]);
  });

  test('of two workspaces never share an object', async () => {
    const world = await aRecordWorld();
    const team = { ...THINGS, workspace: 'team' };
    await expect(sendRecords(world.deps, { ...team, records: [aRecord(2)] })).rejects.toMatchObject({
      name: 'DatasetMissing',
    });
    await createDataset(world.table, { ...team, text: JSON.stringify(aSpec()), actor: 'a', at: RECORDS_AT });
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(1)] });
    expect(await sendRecords(world.deps, { ...team, records: [aRecord(1)] })).toMatchObject({ repeated: false });
    await world.flush();
    expect(world.raw.keys()).toEqual([
      `default/things/2026-01-05/${FIRST}/records.jsonl`,
      `team/things/2026-01-05/${SECOND}/records.jsonl`,
    ]);
  });

  test('wait as long as the spec says', async () => {
    const world = await aRecordWorld({ stream: { flushSeconds: 900 } });
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(1)] });
    expect(world.started.get(`flush-${FIRST}`)).toMatchObject({ seconds: 900 });
  });

  test('that are refused are told one by one, and the others are taken', async () => {
    const world = await aRecordWorld();
    const answer = await sendRecords(world.deps, { ...THINGS, records: [aRecord(1), 7, { day: '2019-01-01' }] });
    expect(answer).toMatchObject({ accepted: 1, refused: [{ index: 1 }, { index: 2, field: 'id' }] });
    await world.flush();
    expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual([[1]]);
  });

  test('that are all refused open nothing', async () => {
    const world = await aRecordWorld();
    const answer = await sendRecords(world.deps, { ...THINGS, records: [null] });
    expect(answer).toMatchObject({ accepted: 0, repeated: false, refused: [{ index: 0 }] });
    expect([world.started.size, world.buffer.items()]).toEqual([0, []]);
  });

  test('lie in items below the 400 KB of DynamoDB and come back whole, whatever they compress to', async () => {
    const world = await aRecordWorld();
    const random = seededRandom(7);
    const noisy = () => Buffer.from(Array.from({ length: 45_000 }, () => random() * 256)).toString('base64');
    const noise = ids(0, 30).map((id) => aRecord(id, { kind: noisy() }));
    await sendRecords(world.deps, { ...THINGS, records: noise });
    for (const item of world.buffer.items()) expect(JSON.stringify(item).length).toBeLessThan(400 * 1024);
    await world.flush();
    expect(Object.values(await rawLines(world.raw))).toEqual([noise.map((record) => JSON.stringify(record))]);
  });
});

describe('a segment that is full', () => {
  const full = (from: number) => ids(from, from + 5000).map((id) => aRecord(id));

  test('is flushed before its time, and the batch that found no room opens the next', async () => {
    const world = await aRecordWorld();
    for (let batch = 0; batch < 10; batch++) await sendRecords(world.deps, { ...THINGS, records: full(batch * 5000) });
    expect([...world.started.keys()]).toEqual([`flush-${FIRST}`]);
    const { uploadId } = await sendRecords(world.deps, { ...THINGS, records: [aRecord(60_000)] });
    expect(uploadId).toBe(SECOND);
    expect([...world.started.keys()]).toEqual([`flush-${FIRST}`, `flush-${SECOND}`, `flush-${FIRST}-full`]);
    expect(world.started.get(`flush-${FIRST}-full`)).toMatchObject({ segment: FIRST, seconds: 0 });
    await world.flush();
    expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual([ids(0, 50_000), [60_000]]);
  });

  test('by its bytes is full too', async () => {
    const world = await aRecordWorld();
    const large = (batch: number) => ids(0, 20).map((i) => aRecord(batch * 20 + i, { kind: 'x'.repeat(100_000) }));
    for (let batch = 0; batch < 5; batch++) await sendRecords(world.deps, { ...THINGS, records: large(batch) });
    await world.flush();
    expect(Object.values(await rawLines(world.raw)).map((lines) => lines.length)).toEqual([80, 20]);
  });

  test('by the number of its batches is full too, and all of them leave the buffer', async () => {
    const world = await aRecordWorld();
    for (let id = 0; id < 2001; id++) await sendRecords(world.deps, { ...THINGS, records: [aRecord(id)] });
    await world.flush();
    expect(Object.values(await rawLines(world.raw)).map((lines) => lines.length)).toEqual([2000, 1]);
    expect(world.buffered()).toEqual([]);
  });
});

describe('a segment whose execution is lost', () => {
  test('takes nothing more once it is overdue, and is flushed by whoever comes next', async () => {
    const world = await aRecordWorld();
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(1)] });
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(2)] });
    world.later(60 + 119);
    expect(await sendRecords(world.deps, { ...THINGS, records: [aRecord(3)] })).toMatchObject({ uploadId: FIRST });
    world.later(2);
    expect(await sendRecords(world.deps, { ...THINGS, records: [aRecord(4)] })).toMatchObject({ uploadId: SECOND });
    await flushRecords(world.flushDeps, world.started.get(`flush-${FIRST}-full`)!);
    expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual([[1, 2, 3]]);
  });
});

describe('a batch that comes again', () => {
  test('adds nothing, in the segment that has it and after its flush', async () => {
    const world = await aRecordWorld();
    const records = [aRecord(1), aRecord(2)];
    const first = await sendRecords(world.deps, { ...THINGS, records });
    const again = { ...first, repeated: true };
    expect(await sendRecords(world.deps, { ...THINGS, records })).toEqual(again);
    await world.flush();
    expect(await sendRecords(world.deps, { ...THINGS, records })).toEqual(again);
    await world.flush();
    expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual([[1, 2]]);
  });

  test('is forgotten after a day, when nobody sends a batch again any more', async () => {
    const world = await aRecordWorld();
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(1)] });
    const marker = world.buffer.items().find(({ sk }) => sk === 'marker');
    expect(marker?.['expiresAt']).toBe(Date.parse(RECORDS_AT) / 1000 + 86_400);
  });

  test('under a name of its own is another batch than the same records under another name', async () => {
    const world = await aRecordWorld({ conflict: 'replace' });
    const send = (batch: string, size: number) =>
      sendRecords(world.deps, { ...THINGS, batch, records: [aRecord(1, { size })] });
    expect([await send('a', 1), await send('b', 2), await send('c', 1), await send('c', 1)]).toMatchObject([
      { repeated: false },
      { repeated: false },
      { repeated: false },
      { repeated: true },
    ]);
  });

  test('with other records under the same name is refused: one of the two would be lost', async () => {
    const world = await aRecordWorld();
    await sendRecords(world.deps, { ...THINGS, batch: 'a', records: [aRecord(1)] });
    const other = sendRecords(world.deps, { ...THINGS, batch: 'a', records: [aRecord(2)] });
    await expect(other).rejects.toMatchObject({ name: 'BatchReused', kind: 'conflict' });
  });
});

describe('many senders at once', () => {
  test('all get in, each batch once', async () => {
    const world = await aRecordWorld();
    const sent = ids(0, 15).map((id) => sendRecords(world.deps, { ...THINGS, records: [aRecord(id)] }));
    await Promise.all(sent);
    await world.flush();
    const [lines] = Object.values(await rawLines(world.raw));
    expect(idsIn(lines).sort((a, b) => a - b)).toEqual(ids(0, 15));
  });

  test('that never get a turn are asked to come again, and nothing of them is taken', async () => {
    const world = await aRecordWorld();
    const buffer = { ...world.buffer, get: async () => undefined };
    await sendRecords(world.deps, { ...THINGS, records: [aRecord(1)] });
    const late = sendRecords({ ...world.deps, buffer }, { ...THINGS, records: [aRecord(2)] });
    await expect(late).rejects.toMatchObject({ name: 'BufferContended', kind: 'throttled' });
    await world.flush();
    expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual([[1]]);
  });
});

describe('the route of records', () => {
  async function aRoute() {
    const world = await aRecordWorld();
    const logged: string[] = [];
    const note = (message: string, fields?: object) => void logged.push(JSON.stringify({ message, ...fields }));
    const handler = api([sendRecordsEndpoint.with(world.deps)], { logger: { info: note, error: note } }).lambda();
    const call = async (body: unknown, roles = 'app') => {
      const event = anApiEvent({ method: 'POST', path: '/data/datasets/things/records', body, caller: { roles } });
      const { statusCode, body: answer } = await handler(event, {} as never);
      return { status: statusCode, body: JSON.parse(answer) as Record<string, unknown> };
    };
    return { ...world, call, logged };
  }

  test('is for apps too, and for those who make data', () => {
    expect(DataRoutes.sendRecords.roles).toEqual(['scientist', 'engineer', 'app']);
  });

  test('answers what was accepted and refused', async () => {
    const { call } = await aRoute();
    const answer = await call({ records: [aRecord(1), 'x'] });
    expect(answer).toMatchObject({ status: 200, body: { accepted: 1, refused: [{ index: 1, value: '"x"' }] } });
    expect(await call({ records: [aRecord(1)] }, 'auditor')).toMatchObject({ status: 403 });
  });

  test.each<[string, unknown]>([
    ['is no list', { records: { name: 'Jane-Secret' } }],
    ['is missing, with another key in its place', { rows: ['Jane-Secret'] }],
    ['has refused records', { records: [{ name: 'Jane-Secret' }, 'Jane-Secret'] }],
    ['has a name that is too long', { batch: 'x'.repeat(200), records: ['Jane-Secret'] }],
    ['is no JSON', '{"records":[{"name":"Jane-Secret"'],
  ])('logs nothing of a body that %s', async (_, body) => {
    const { call, logged } = await aRoute();
    await call(body);
    expect(logged).toHaveLength(1);
    expect(logged.join()).not.toContain('Jane-Secret');
  });
});
