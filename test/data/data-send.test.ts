import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dataSendVerbs, sendLines } from '../../bin/commands/data-send.ts';
import { DataErrors, DataRoutes, type IngestionView } from '../../lambdas/data/contract.ts';
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
  return { send, sizes, inRaw, api };
}

const FOLDER = mkdtempSync(join(tmpdir(), 'data-send-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** The whole verb, with a file, over the endpoint; the ingestion answers one after the other. */
async function run(words: { file: string; wait?: boolean }, ingestion: (() => IngestionView)[] = []) {
  const { api } = await aSender();
  const call = async (route: unknown, input: Record<string, unknown>) => {
    if (route !== DataRoutes.showIngestion) return api.call(route, input);
    return (ingestion.length > 1 ? ingestion.shift() : ingestion[0])?.();
  };
  const [verb] = dataSendVerbs;
  const said: string[] = [];
  const context = {
    client: async () => ({ call }) as never,
    progress: (text: string) => void said.push(text),
    signal: new AbortController().signal,
    stage: 'local',
    workspace: 'default',
  };
  const output = await verb!.run(context, { dataset: 'things', wait: false, ...words });
  return { output, said, shown: verb!.show?.(output) };
}

async function* from(lines: readonly string[]) {
  for (const line of lines) yield Buffer.from(line);
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

describe('millrace data send of a file', () => {
  const file = join(FOLDER, 'a.jsonl');
  beforeAll(() => writeFileSync(file, `${lineOf(1)}\r\n\n${lineOf(2)}\nnot json\n${lineOf(3)}`));
  const view = (more: Partial<IngestionView>) => () => ({ status: 'running', ...more }) as IngestionView;
  const missing = () => {
    throw DataErrors.UploadMissing('uploadId: got 1, dataset things has no such upload');
  };

  test('reads it to its end, whatever its lines end with, and shows what became of it', async () => {
    const { output, shown } = await run({ file });
    expect(output).toMatchObject({ accepted: 3, refused: [{ line: 4 }] });
    expect(shown).toMatch(/^3 records accepted for things \(0{25}1\)\n.*1 refused/);
    expect(shown).toContain('line 4: record: got not json, a record is a JSON object on one line');
  });

  test('waits, where asked to, for the flush and then for the version', async () => {
    const done = view({ status: 'succeeded', uploadId: 'u', rows: 2, repeated: 1, quarantined: 0, number: 7 });
    const { output, said, shown } = await run({ file, wait: true }, [missing, missing, view({}), done]);
    expect(output).toMatchObject({ ingestions: [{ status: 'succeeded', number: 7 }] });
    expect(said.join()).toMatch(/wait for others/);
    expect(shown).toContain('u: 2 new rows in version 7, 1 known, 0 quarantined');
  });

  test('ends with the error that the ingestion ended with', async () => {
    const failed = view({ status: 'failed', error: { name: 'ServiceThrottled', message: 'the table is throttled' } });
    await expect(run({ file, wait: true }, [failed])).rejects.toMatchObject({ name: 'ServiceThrottled' });
  });

  test('keeps what is inside a text, and refuses a line that is no UTF-8 or endless', async () => {
    const odd = join(FOLDER, 'odd.jsonl');
    const lines = [
      Buffer.from(lineOf(1, { kind: 'a\u2028b\u0085c' })),
      Buffer.from(`{"id":2,"kind":"${'x'.repeat(3_000_000)}"}`),
      Buffer.from([0x7b, 0xff, 0x7d]),
      Buffer.from(lineOf(3)),
    ];
    writeFileSync(odd, Buffer.concat(lines.flatMap((each) => [each, Buffer.from('\n')])));
    expect((await run({ file: odd })).output).toMatchObject({
      accepted: 2,
      refused: [
        { line: 2, value: 'more than 1048576 bytes' },
        { line: 3, rule: 'a record is text in UTF-8' },
      ],
    });
  });

  test('that is not there, or a folder, says so', async () => {
    for (const name of [join(FOLDER, 'b.jsonl'), FOLDER]) {
      await expect(run({ file: name })).rejects.toMatchObject({
        name: 'InvalidInput',
        message: expect.stringMatching(/^file: got .*, it cannot be read: (ENOENT|EISDIR)/),
      });
    }
  });
});
