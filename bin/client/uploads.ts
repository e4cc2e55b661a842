import { DataRoutes, type IngestionView, type Upload } from '../../lambdas/data/contract.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import { retrying } from '../../lambdas/shared/retry.ts';
import { waitFor } from '../wait.ts';
import type { ApiClient } from './api-client.ts';

type Body = NonNullable<RequestInit['body']>;

export interface FileToPut {
  fileName: string;
  bytes: number;
  /** The bytes from their beginning, as often as they are sent. */
  body: () => Body;
  /** How many of the bytes have left so far; begins anew when the file does. */
  sent?: (bytes: number) => void;
  signal?: AbortSignal;
  /** @default half a second, doubled each time */
  pauseMs?: number;
}

/** Of one file, each from its beginning. */
const ATTEMPTS = 4;

/**
 * Sends one file's bytes to the raw zone, whose event starts the ingestion. What broke on the way is sent again to the
 * same place: S3 takes the first whole one, and refuses what comes after it, so nothing is there twice.
 * @returns the upload's id
 */
export async function putFile(api: ApiClient, dataset: string, file: FileToPut): Promise<string> {
  const { fileName, bytes, pauseMs = 500 } = file;
  let upload = await api.call(DataRoutes.createUpload, { dataset, fileName, bytes });
  const attempt = async () => {
    // The URL is for beginning; a file that took longer than it is good for has a new one.
    if (Date.now() > Date.parse(upload.expiresAt))
      upload = await api.call(DataRoutes.createUpload, { dataset, fileName, bytes });
    await send(upload, file);
  };
  await retrying(
    attempt,
    (error) => error instanceof PlatformError && error.kind === 'unavailable' && !file.signal?.aborted,
    {
      attempts: ATTEMPTS,
      baseMs: pauseMs,
      maxMs: 10_000,
    },
  );
  return upload.uploadId;
}

async function send(
  { url, method, headers }: Upload,
  { fileName, bytes, body, sent, signal }: FileToPut,
): Promise<void> {
  const counted = countedBody(body(), sent);
  const init = { method, headers, body: counted.body, duplex: 'half', signal } as RequestInit;
  const response = await fetch(url, init).catch((cause: unknown) => {
    const got = counted.bytes();
    // A file that shrank meanwhile breaks every attempt in the same way.
    if (counted.ended() && got < bytes)
      throw SharedErrors.InvalidInput(
        `file: ${fileName} changed while it was sent: ${bytes} bytes at first, then ${got}`,
      );
    throw SharedErrors.ServiceUnavailable(`the raw zone does not answer to the upload of ${fileName}`, { cause });
  });
  await response.body?.cancel();
  // 412: an earlier attempt has arrived whole, and only its answer was lost. The place is this upload's alone.
  if (response.ok || response.status === 412) return;
  const refused = `the raw zone answered ${response.status} to the upload of ${fileName}`;
  throw response.status >= 500 || response.status === 409 || response.status === 403
    ? SharedErrors.ServiceUnavailable(refused)
    : SharedErrors.Unexpected(refused);
}

/** Counts what passes; bytes that are in memory anyway are sent as they are. */
function countedBody(body: Body, sent: FileToPut['sent'] = () => {}) {
  let bytes = 0;
  let ended = false;
  sent(0);
  if (!(body instanceof ReadableStream)) return { body, bytes: () => bytes, ended: () => ended };
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      sent(bytes);
      controller.enqueue(chunk);
    },
    flush() {
      ended = true;
    },
  });
  return { body: body.pipeThrough(counting), bytes: () => bytes, ended: () => ended };
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
    progress(`ingestion of ${ingestion.fileName} is ${ingestion.status}`);
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
