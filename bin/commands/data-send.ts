import { createReadStream } from 'node:fs';
import * as z from 'zod';
import {
  DataErrors,
  DataRoutes,
  type IngestionView,
  MAX_RECORD_BYTES,
  MAX_RECORDS,
  type RefusedRecord,
  tooLargeNumber,
} from '../../lambdas/data/contract.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { ApiClient } from '../client/api-client.ts';
import { byteLines, MAX_LINE_BYTES } from '../client/byte-lines.ts';
import { ingested } from '../client/uploads.ts';
import { paint } from '../terminal.ts';
import { verb } from '../verb.ts';
import { waitFor } from '../wait.ts';

/** A refused record by its line in the file, from 1. */
type RefusedLine = Omit<RefusedRecord, 'index'> & { line: number };

/** What became of a file's records. */
interface Sent {
  dataset: string;
  accepted: number;
  refused: RefusedLine[];
  /** The ingestions that take them in, and with --wait what became of each. */
  uploads: string[];
  ingestions?: IngestionView[];
}

export const dataSendVerbs = [
  verb({
    name: 'data send',
    summary: 'Send the records of a JSON Lines file, one JSON object a line, into a dataset.',
    input: z.object({
      dataset: z.string().describe('the name of the dataset'),
      file: z.string().describe('the file; - for standard input'),
      wait: z.boolean().default(false).describe('return when the records are in a version of the dataset'),
    }),
    positionals: ['dataset', 'file'],
    examples: ['millrace data send weather today.jsonl', 'millrace data send weather - --wait'],
    run: async ({ client, progress, signal }, { dataset, file, wait }) => {
      const api = await client();
      const sent = await sendLines(api, dataset, linesOf(file), progress, signal);
      if (!wait) return sent;
      const ingestions: IngestionView[] = [];
      for (const uploadId of sent.uploads) {
        await untilKnown(api, dataset, uploadId, progress, signal);
        ingestions.push(await ingested(api, dataset, uploadId, progress, signal));
      }
      return { ...sent, ingestions };
    },
    show: described,
  }),
];

/** A request's body is at most 1,000,000 characters, which are no more than bytes; its frame comes on top of its lines. */
const MOST_BYTES = 900_000;

/**
 * Sends lines in batches. A batch has a name, so that one whose answer was lost is the same one when it is sent again.
 * @throws RecordsAllRefused when there are lines and not one of them was taken
 */
export async function sendLines(
  api: Pick<ApiClient, 'call'>,
  dataset: string,
  lines: AsyncIterable<Uint8Array>,
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<Sent> {
  const sent: Sent = { dataset, accepted: 0, refused: [], uploads: [] };
  let batch: { line: number; record: unknown }[] = [];
  let bytes = 0;
  const send = async () => {
    if (batch.length === 0) return;
    signal?.throwIfAborted();
    const of = batch;
    batch = [];
    bytes = 0;
    const records = of.map(({ record }) => record);
    const answer = await api.call(DataRoutes.sendRecords, { dataset, records, batch: newId() });
    sent.accepted += answer.accepted;
    for (const { index, ...why } of answer.refused) sent.refused.push({ line: of[index]?.line ?? 0, ...why });
    if (answer.uploadId && !sent.uploads.includes(answer.uploadId)) sent.uploads.push(answer.uploadId);
    progress(`${sent.accepted} records accepted, ${sent.refused.length} refused`);
  };
  let line = 0;
  for await (const given of lines) {
    line++;
    const { record, refused, length = 0 } = readLine(given);
    if (refused) sent.refused.push({ line, ...refused });
    if (record === undefined) continue;
    if (bytes + length > MOST_BYTES || batch.length === MAX_RECORDS) await send();
    batch.push({ line, record });
    bytes += length;
  }
  await send();
  sent.refused.sort((a, b) => a.line - b.line);
  const [first] = sent.refused;
  if (sent.accepted > 0 || !first) return sent;
  throw DataErrors.RecordsAllRefused(
    `records: got ${sent.refused.length} and none of them can be taken; line ${first.line}: ${reason(first)}`,
  );
}

interface ReadLine {
  record?: object;
  /** Of the record as it will be written, with what separates it from the next. */
  length?: number;
  refused?: Omit<RefusedLine, 'line'>;
}

/** A line's record, unless it cannot be sent as what it is; of a blank line nothing. */
function readLine(line: Uint8Array): ReadLine {
  const tooLong = (bytes: string): ReadLine => ({
    refused: { field: 'record', value: bytes, rule: `at most ${MAX_RECORD_BYTES} bytes` },
  });
  if (line.length > MAX_LINE_BYTES) return tooLong(`more than ${MAX_LINE_BYTES} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(line);
  } catch {
    return { refused: { field: 'record', value: 'bytes that are none', rule: 'a record is text in UTF-8' } };
  }
  if (text.trim() === '') return {};
  const about = (field: string, rule: string): ReadLine => ({ refused: { field, value: text.slice(0, 80), rule } });
  const record = parsed(text);
  if (record === undefined) return about('record', 'a record is a JSON object on one line');
  const infinite = tooLargeNumber(record);
  if (infinite !== undefined) return about(infinite, 'a number that a double can hold');
  // A character that needs an escape is longer then.
  const length = Buffer.byteLength(JSON.stringify(record));
  return length > MAX_RECORD_BYTES ? tooLong(`${length} bytes`) : { record, length: length + 1 };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

async function* linesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* byteLines(file === '-' ? process.stdin : createReadStream(file));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw SharedErrors.InvalidInput(`file: got ${file}, it cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Until its buffer is flushed and the workflow has begun, nobody knows of the ingestion. */
async function untilKnown(
  api: ApiClient,
  dataset: string,
  uploadId: string,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const isKnown = async () => {
    progress(`the records of ${uploadId} wait for others`);
    try {
      await api.call(DataRoutes.showIngestion, { dataset, uploadId });
      return true;
    } catch (error) {
      if (error instanceof PlatformError && error.name === 'UploadMissing') return false;
      throw error;
    }
  };
  // A buffer waits an hour at most.
  await waitFor(isKnown, (known) => known, { signal, what: `the flush of ${uploadId}`, timeoutMs: 4_500_000 });
}

const reason = ({ field, value, rule }: Omit<RefusedLine, 'line'>) => `${field}: got ${value ?? 'nothing'}, ${rule}`;

/** A screenful; --json has all of them. */
const MOST_SHOWN = 20;

function described({ dataset, accepted, refused, uploads, ingestions }: Sent): string {
  const lines = [`${accepted} records accepted for ${dataset}${uploads.length > 0 ? ` (${uploads.join(', ')})` : ''}`];
  if (refused.length > 0) lines.push(paint('yellow', `${refused.length} refused`));
  for (const each of refused.slice(0, MOST_SHOWN)) lines.push(`  line ${each.line}: ${reason(each)}`);
  if (refused.length > MOST_SHOWN) lines.push(`  and ${refused.length - MOST_SHOWN} more`);
  for (const { uploadId, rows = 0, repeated = 0, quarantined = 0, number } of ingestions ?? [])
    lines.push(`${uploadId}: ${rows} new rows in version ${number}, ${repeated} known, ${quarantined} quarantined`);
  return lines.join('\n');
}
