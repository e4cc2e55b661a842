import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { DataRoutes, type IngestionView } from '../../lambdas/data/contract.ts';
import { asPlatformError, PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import { type FileToPut, ingested, putFile } from '../client/uploads.ts';
import { sendFolder } from '../collection/put-folder.ts';
import { shownNumber } from '../figures-text.ts';
import { paint } from '../terminal.ts';
import { type VerbContext, verb } from '../verb.ts';

export const dataPutVerb = verb({
  name: 'data put',
  summary: 'Upload files, or a folder of objects, and wait until they are in the dataset.',
  input: z.object({
    dataset: z.string().describe('the name of the dataset'),
    files: z
      .array(z.string())
      .min(1)
      .max(1000)
      .describe(
        'the files, as flights.parquet or days.csv.gz; one folder where the dataset is a collection of objects',
      ),
    noWait: z.boolean().default(false).describe('return when the files are uploaded'),
  }),
  positionals: ['dataset', 'files'],
  examples: [
    'millrace data put weather seattle.csv',
    'millrace data put flights 2001-*.parquet',
    'millrace data put flowers ./images/',
  ],
  async run(context, { dataset, files, noWait }) {
    const [folder] = files;
    const isFolder =
      files.length === 1 && folder !== undefined && (await stat(folder).catch(() => undefined))?.isDirectory();
    if (isFolder) return putFolder(context, { dataset, folder, noWait });
    const ready = await Promise.all(files.map(fileToPut));
    const api = await context.client();
    const uploads: string[] = [];
    for (const [i, file] of files.entries()) {
      const label = `${basename(file)}${files.length > 1 ? ` (${i + 1} of ${files.length})` : ''}`;
      const put = ready[i] as Awaited<ReturnType<typeof fileToPut>>;
      const sent = bar(context, label, put.bytes);
      uploads.push(await putFile(api, dataset, { ...put, sent, signal: context.signal }));
    }
    const ingestions: IngestionView[] = [];
    const failed: PlatformError[] = [];
    for (const uploadId of uploads) {
      if (noWait) ingestions.push(await api.call(DataRoutes.showIngestion, { dataset, uploadId }));
      // One file that is refused says nothing of the next.
      else
        await ingested(api, dataset, uploadId, context.progress, context.signal).then(
          (ended) => ingestions.push(ended),
          (error: unknown) => failed.push(asPlatformError(error)),
        );
    }
    if (failed[0]) throw files.length === 1 ? failed[0] : severalFailed(failed, ingestions);
    const [only, ...more] = ingestions;
    return only && more.length === 0 ? only : { ingestions };
  },
  show: (output) => ('ingestions' in output ? output.ingestions : [output]).map(describeIngestion).join('\n'),
});

/** Sends what a collection has not yet of a folder, then the manifest of all of it, whose ingestion makes the version. */
async function putFolder(
  { client, progress, signal }: VerbContext,
  { dataset, folder, noWait }: { dataset: string; folder: string; noWait: boolean },
): Promise<IngestionView> {
  const api = await client();
  const { manifest } = await sendFolder(api, dataset, folder, { progress, signal });
  const bytes = Buffer.byteLength(manifest);
  const uploadId = await putFile(api, dataset, { fileName: 'objects.csv', bytes, body: () => manifest, signal });
  if (noWait) return api.call(DataRoutes.showIngestion, { dataset, uploadId });
  return ingested(api, dataset, uploadId, progress, signal);
}

/** A file of this machine, ready to be sent. @throws InvalidInput when it cannot be read */
export async function fileToPut(file: string): Promise<Pick<FileToPut, 'fileName' | 'bytes' | 'body'>> {
  const found = await stat(file).catch((cause: unknown) => {
    throw SharedErrors.InvalidInput(`file: got ${file}, it cannot be read: ${(cause as Error).message}`, { cause });
  });
  if (!found.isFile())
    throw SharedErrors.InvalidInput(
      `file: got ${file}, which is no file; bytes from elsewhere are written to one first`,
    );
  const bytes = found.size;
  // A file that grows meanwhile, as a log does, is sent as it was when it was measured.
  const body = () => Readable.toWeb(createReadStream(file, { end: bytes - 1 })) as ReadableStream;
  return { fileName: basename(file), bytes, body };
}

/** The first file's error speaks for all, with what became of the others. */
function severalFailed([first, ...others]: PlatformError[], taken: readonly IngestionView[]): PlatformError {
  const { kind, name, message } = first as PlatformError;
  const rest = others.map((error) => `${error.name}: ${error.message}`);
  return new PlatformError(kind, name, [`${message} (${taken.length} files were taken)`, ...rest].join('\n'));
}

const BAR = 24;
/** A line that changes ten times a second is as live as one that changes with every chunk. */
const EVERY_MS = 100;

/** How much of a file is on its way, as one line. */
export function bar({ progress }: Pick<VerbContext, 'progress'>, label: string, bytes: number, now = Date.now) {
  let last = 0;
  return (sent: number) => {
    if (sent < bytes && now() - last < EVERY_MS) return;
    last = now();
    const share = Math.min(1, bytes === 0 ? 1 : sent / bytes);
    const full = Math.floor(share * BAR);
    const megabytes = (count: number) => (count / 1e6).toFixed(1);
    progress(
      `${label} ${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${Math.floor(share * 100)} % ${megabytes(sent)} of ${megabytes(bytes)} MB`,
    );
  };
}

const counted = (rows = 0) => (rows === 1 ? '1 row' : `${shownNumber(rows)} rows`);

export function describeIngestion({
  dataset,
  status,
  fileName,
  number,
  version,
  rows,
  unchanged,
  quarantined,
  breaches,
  repeated,
  replaced,
  uploadId,
}: IngestionView): string {
  if (!version) return `${fileName}: uploaded, ${status}`;
  const lines = [
    `${fileName}: ${unchanged ? 'nothing new' : `${counted(rows)} new`} in ${dataset} version ${number} (${version})`,
  ];
  if (repeated) lines.push(`${counted(repeated)} there already`);
  if (replaced) lines.push(`${counted(replaced)} of the version before gave way`);
  if (quarantined) lines.push(paint('yellow', `${counted(quarantined)} not taken`));
  for (const { column, rule, level, rows: broken } of breaches ?? [])
    lines.push(`  ${column}: ${counted(broken)} ${broken === 1 ? 'breaks' : 'break'} "${rule}" (${level})`);
  if (breaches?.length) lines.push(`millrace data quality ${dataset} --upload ${uploadId} shows which`);
  return lines.join('\n');
}
