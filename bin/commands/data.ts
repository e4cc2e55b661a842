import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { DataRoutes, type IngestionView } from '../../lambdas/data/contract.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { sendFolder } from '../collection/put-folder.ts';
import { paint, table } from '../terminal.ts';
import { type VerbContext, verb } from '../verb.ts';
import { waitFor } from '../wait.ts';

const Dataset = z.string().describe('the name of the dataset');
const Version = z.string().default('latest').describe('sha256:<digest>, a number, a tag, or latest');

export const dataVerbs = [
  verb({
    name: 'data create',
    summary: 'Create a dataset, or change the spec that its next uploads are checked against.',
    input: z.object({ dataset: Dataset, spec: z.string().describe('the YAML file with its columns, roles and split') }),
    positionals: ['dataset'],
    examples: ['millrace data create weather --spec examples/weather/weather.yaml'],
    run: async ({ client }, { dataset, spec }) =>
      (await client()).call(DataRoutes.createDataset, { dataset, spec: await readText(spec) }),
    show: ({ dataset, specDigest, spec }) =>
      `${dataset}: ${Object.keys(spec.columns).length} columns, spec ${specDigest}`,
  }),
  verb({
    name: 'data put',
    summary: 'Upload a CSV file, or a folder of objects, and wait until it is in the dataset.',
    input: z.object({
      dataset: Dataset,
      file: z.string().describe('the CSV file; a folder where the dataset is a collection of objects'),
      noWait: z.boolean().default(false).describe('return when the file is uploaded'),
    }),
    positionals: ['dataset', 'file'],
    examples: ['millrace data put weather seattle.csv', 'millrace data put flowers ./images/'],
    run: async ({ client, progress, signal }, { dataset, file, noWait }) => {
      const found = await stat(file).catch((cause: unknown) => {
        throw SharedErrors.InvalidInput(`file: got ${file}, it cannot be read: ${(cause as Error).message}`, { cause });
      });
      const api = await client();
      if (found.isDirectory()) return putFolder({ client, progress, signal }, { dataset, folder: file, noWait });
      const uploadId = await putFile(
        api,
        dataset,
        basename(file),
        found.size,
        () => Readable.toWeb(createReadStream(file)) as ReadableStream,
      );
      if (noWait) return api.call(DataRoutes.showIngestion, { dataset, uploadId });
      return ingested(api, dataset, uploadId, progress, signal);
    },
    show: describeIngestion,
  }),
  verb({
    name: 'data show',
    summary: 'Show a dataset: its spec and its latest version.',
    input: z.object({ dataset: Dataset }),
    positionals: ['dataset'],
    examples: ['millrace data show weather'],
    run: async ({ client }, input) => (await client()).call(DataRoutes.showDataset, input),
  }),
  verb({
    name: 'data versions',
    summary: 'List the versions of a dataset.',
    input: z.object({ dataset: Dataset }),
    positionals: ['dataset'],
    examples: ['millrace data versions weather'],
    run: async ({ client }, input) => (await client()).call(DataRoutes.listVersions, input),
    show: ({ versions }) =>
      table(
        ['number', 'version', 'rows', 'registered', 'tags', 'kept'],
        versions.map((each) => [
          ...[each.number, each.version, each.rows, each.registeredAt, each.tags.join(', ')],
          each.deleted ? `deleted: ${each.deleted.reason}` : each.pin ? `pinned: ${each.pin.reason}` : '',
        ]),
      ),
  }),
  verb({
    name: 'data manifest',
    summary: 'Show the manifest of a version: its files with digests, rows and splits.',
    input: z.object({ dataset: Dataset, version: Version }),
    positionals: ['dataset', 'version'],
    examples: ['millrace data manifest weather latest'],
    run: async ({ client }, input) => (await client()).call(DataRoutes.showVersion, input),
  }),
  verb({
    name: 'data profile',
    summary: 'Show the profile of a version: counts, missing values and the range of each column.',
    input: z.object({ dataset: Dataset, version: Version }),
    positionals: ['dataset', 'version'],
    examples: ['millrace data profile weather'],
    run: async ({ client }, input) => (await client()).call(DataRoutes.showProfile, input),
  }),
];

/** Sends what a collection has not yet of a folder, then the manifest of all of it, whose ingestion makes the version. */
async function putFolder(
  { client, progress, signal }: Pick<VerbContext, 'client' | 'progress' | 'signal'>,
  { dataset, folder, noWait }: { dataset: string; folder: string; noWait: boolean },
): Promise<IngestionView> {
  const api = await client();
  const { manifest } = await sendFolder(api, dataset, folder, { progress, signal });
  const uploadId = await putFile(api, dataset, 'objects.csv', Buffer.byteLength(manifest), () => manifest);
  if (noWait) return api.call(DataRoutes.showIngestion, { dataset, uploadId });
  return ingested(api, dataset, uploadId, progress, signal);
}

/** Sends one file's bytes to the raw zone, whose event starts the ingestion. */
export async function putFile(
  api: ApiClient,
  dataset: string,
  fileName: string,
  bytes: number,
  body: () => NonNullable<RequestInit['body']>,
): Promise<string> {
  const upload = await api.call(DataRoutes.createUpload, { dataset, fileName, bytes });
  const response = await fetch(upload.url, {
    method: upload.method,
    headers: upload.headers,
    body: body(),
    duplex: 'half',
  } as RequestInit);
  if (!response.ok)
    throw SharedErrors.ServiceUnavailable(`the raw zone answered ${response.status} to the upload of ${fileName}`);
  return upload.uploadId;
}

/** Waits for an ingestion's end. @throws the error by which the file was refused */
export async function ingested(
  api: ApiClient,
  dataset: string,
  uploadId: string,
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<IngestionView> {
  const ask = async () => {
    const ingestion = await api.call(DataRoutes.showIngestion, { dataset, uploadId });
    progress(`ingestion of ${uploadId} is ${ingestion.status}`);
    return ingestion;
  };
  const ended = await waitFor(ask, ({ status }) => status !== 'waiting' && status !== 'running', {
    signal,
    what: `ingestion ${uploadId}`,
  });
  if (ended.status === 'succeeded') return ended;
  throw new PlatformError(
    ended.status === 'refused' ? 'invalid' : 'unexpected',
    ended.error?.name ?? 'Unexpected',
    ended.error?.message ?? `ingestion ${uploadId} ${ended.status}`,
  );
}

function describeIngestion({
  dataset,
  status,
  fileName,
  number,
  version,
  rows,
  unchanged,
  quarantined,
  breaches,
  quarantineKey,
}: IngestionView): string {
  if (!version) return `${fileName}: uploaded, ${status}`;
  const lines = [
    `${fileName}: ${unchanged ? 'nothing new' : `${rows} rows`} in ${dataset} version ${number} (${version})`,
  ];
  if (quarantined)
    lines.push(`${paint('yellow', `${quarantined} rows were not taken`)}, the report is ${quarantineKey}`);
  for (const { column, rule, rows: broken } of breaches ?? [])
    lines.push(`  ${column}: ${broken} rows break "${rule}"`);
  return lines.join('\n');
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw SharedErrors.InvalidInput(`file: got ${file}, it cannot be read: ${(cause as Error).message}`, { cause });
  });
}
