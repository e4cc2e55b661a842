import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { DataErrors, type FileLink } from '../../lambdas/data/contract.ts';
import { type Digest, hexOf } from '../../lambdas/shared/digest.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import { retrying } from '../../lambdas/shared/retry.ts';
import { clearedAtExit } from './cleared-at-exit.ts';

/** Where files of dataset versions are kept on this machine, each under the name of its content. */
export const cacheFolder = (): string =>
  join(process.env['MILLRACE_CACHE'] ?? join(homedir(), '.cache', 'millrace'), 'files');

type WantedFile = Pick<FileLink, 'path' | 'sha256' | 'bytes' | 'url'>;

/** The file has this name only when it has been read to its end and is what the manifest says. */
const cachedPath = (folder: string, sha256: Digest): string => join(folder, `${hexOf(sha256)}.parquet`);

/**
 * The file's place in the cache, fetched when it is not there. What is there is read again: a file that somebody
 * changed, or a disk, is found out and replaced.
 * @param sent how many bytes came since the last call
 * @throws LinkExpired when the URL is not good any more; CuratedFileDamaged when other bytes came, twice
 */
export async function fetchFile(
  folder: string,
  file: WantedFile,
  { sent = () => {}, signal }: { sent?: (bytes: number) => void; signal?: AbortSignal } = {},
): Promise<string> {
  const path = cachedPath(folder, file.sha256);
  if (await holds(path, file)) {
    sent(file.bytes);
    return path;
  }
  await mkdir(folder, { recursive: true });
  // Other bytes are asked for again as well: what a proxy kept, or cut short, looks like a damaged file.
  const attempt = () => {
    // Of its own, so that two commands at once do not write into each other's.
    const part = `${path}.${randomUUID()}.part`;
    return clearedAtExit(part, () => download({ path, part }, file, sent, signal));
  };
  await retrying(attempt, isTransient, { attempts: 4, baseMs: 300, maxMs: 5000 });
  return path;
}

export class LinkExpired extends Error {
  override readonly name = 'LinkExpired';
}

const isTransient = (error: unknown) =>
  error instanceof PlatformError && (error.kind === 'unavailable' || error.name === 'CuratedFileDamaged');

async function holds(path: string, { sha256, bytes }: WantedFile): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  if (there?.size !== bytes) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}` === sha256;
}

async function download(
  { path, part }: { path: string; part: string },
  { path: name, url, sha256, bytes }: WantedFile,
  sent: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256');
  let got = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      got += chunk.length;
      hash.update(chunk);
      sent(chunk.length);
      done(got > bytes ? damaged(name, `more than ${bytes} bytes`, sha256) : null, chunk);
    },
  });
  try {
    const body = await reach({ path: name, url, sha256 }, signal);
    await pipeline(body, counting, createWriteStream(part, { flags: 'wx' }), { signal }).catch((cause: unknown) => {
      if (cause instanceof PlatformError || signal?.aborted) throw cause;
      throw SharedErrors.ServiceUnavailable(`${name}: the download broke after ${got} bytes`, { cause });
    });
    const digest = `sha256:${hash.digest('hex')}`;
    if (digest !== sha256) throw damaged(name, `${digest} in ${got} bytes`, sha256);
    await rename(part, path);
  } catch (error) {
    sent(-got);
    throw error;
  }
}

const damaged = (name: string, got: string, wanted: Digest) =>
  DataErrors.CuratedFileDamaged(`${name}: got ${got}, the manifest says ${wanted}`);

async function reach({ path: name, url, sha256 }: Omit<WantedFile, 'bytes'>, signal?: AbortSignal): Promise<Readable> {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw SharedErrors.ServiceUnavailable(`${name}: ${new URL(url).host} does not answer`, { cause });
  });
  if (response.ok && response.body) return Readable.fromWeb(response.body as ReadableStream);
  await response.body?.cancel();
  if (response.status === 403) throw new LinkExpired(`${name}: the URL was refused`);
  if (response.status === 404) throw damaged(name, 'nothing', sha256);
  throw SharedErrors.ServiceUnavailable(`${name}: the curated zone answered ${response.status}`);
}
