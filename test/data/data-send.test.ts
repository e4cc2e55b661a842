import { describe, expect, test } from '@jest/globals';
import { sendLines } from '../../bin/commands/data-send.ts';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import { sendRecordsEndpoint } from '../../lambdas/data/handlers/send-records.ts';
import { anApiEvent } from '../builders/api-event.ts';
import { aRecord, aRecordWorld, rawLines } from '../builders/records.ts';

/** The verb over the endpoint itself, with the buffer in memory. */
async function aSender() {
  const world = await aRecordWorld();
  const endpoint = sendRecordsEndpoint.with(world.deps);
  const sizes: number[] = [];
  const api = {
    call: async (route: unknown, { dataset, ...body }: Record<string, unknown>) => {
      expect(route).toBe(DataRoutes.sendRecords);
      sizes.push((body['records'] as unknown[]).length);
      return endpoint.handle(anApiEvent({ method: 'POST', body }), { dataset: String(dataset) }) as never;
    },
  };
  const send = (...lines: string[]) => sendLines(api as never, 'things', from(lines), () => {});
  const inRaw = async () => {
    await world.flush();
    return Object.values(await rawLines(world.raw)).flat().length;
  };
  return { send, sizes, inRaw };
}

async function* from(lines: readonly string[]) {
  yield* lines;
}
const lineOf = (id: number, more?: object) => JSON.stringify(aRecord(id, more));

describe('millrace data send', () => {
  test('sends every line that is a record, and says of the others which line it was and why', async () => {
    const { send, sizes, inRaw } = await aSender();
    const sent = await send(lineOf(1), '', '{"id":', '[1]', '{"day":"2019-01-01"}', '{"id":2,"size":1e400}', lineOf(3));
    expect(sent).toMatchObject({ dataset: 'things', accepted: 2, uploads: ['1'.padStart(26, '0')] });
    expect(sent.refused).toMatchObject([
      { line: 3, field: 'record', value: '{"id":' },
      { line: 4, field: 'record', value: '[1]' },
      { line: 5, field: 'id', value: null },
      { line: 6, field: 'size' },
    ]);
    expect([sizes, await inRaw()]).toEqual([[3], 2]);
  });

  test('cuts a long file into batches of the most records that one request takes', async () => {
    const { send, sizes, inRaw } = await aSender();
    const sent = await send(...Array.from({ length: 12_001 }, (_, id) => lineOf(id)));
    expect([sent.accepted, sizes, await inRaw()]).toEqual([12_001, [5000, 5000, 2001], 12_001]);
  });

  test.each([
    ['short letters', 'x'.repeat(100_000)],
    ['letters of three bytes each', '水'.repeat(33_000)],
    ['letters that need an escape', '\u0001'.repeat(16_000)],
  ])('keeps each batch of %s below what a request and the buffer take', async (_, kind) => {
    const { send, sizes, inRaw } = await aSender();
    const sent = await send(...Array.from({ length: 30 }, (__, id) => lineOf(id, { kind })));
    expect([sent.accepted, sent.refused, await inRaw()]).toEqual([30, [], 30]);
    expect(sizes.length).toBeGreaterThan(1);
  });

  test('refuses a record that is too large without asking, and sends the rest', async () => {
    const { send } = await aSender();
    const sent = await send(lineOf(1, { kind: 'x'.repeat(2_000_000) }), lineOf(2));
    expect(sent).toMatchObject({ accepted: 1, refused: [{ line: 1, field: 'record' }] });
  });

  test('takes an empty file for what it is', async () => {
    const { send, sizes } = await aSender();
    expect([await send(), sizes]).toEqual([{ dataset: 'things', accepted: 0, refused: [], uploads: [] }, []]);
  });

  test('fails when not one record can be taken, and names the first', async () => {
    const { send } = await aSender();
    await expect(send('id,day', '1,2019-01-01')).rejects.toMatchObject({
      name: 'RecordsAllRefused',
      message:
        'records: got 2 and none of them can be taken; line 1: record: got id,day, a record is a JSON object on one line',
    });
  });
});
