import { DataRoutes, type FileLink, type VersionFiles } from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { fetchFile, LinkExpired } from './file-cache.ts';

/** A dataset version whose files are on this machine. */
export interface FetchedVersion extends Omit<VersionFiles, 'files' | 'next' | 'expiresAt'> {
  files: (Pick<FileLink, 'path' | 'sha256' | 'bytes' | 'rows'> & { local: string })[];
}

export interface FetchOptions {
  api: ApiClient;
  folder: string;
  dataset: string;
  version: string;
  progress: (text: string) => void;
  signal?: AbortSignal;
}

/** Downloads at one time: a line is full with these, and S3 minds no more. */
const AT_ONCE = 6;
/** A page of URLs that ran out before all of it was here is asked for again, so often. */
const PAGE_TRIES = 20;

/**
 * Brings the train split of a version into the cache. All pages are of the version that the first one named, whatever
 * `latest` is meanwhile. Whoever starts it again goes on where it stopped.
 */
export async function fetchVersion({
  api,
  folder,
  dataset,
  version,
  progress,
  signal,
}: FetchOptions): Promise<FetchedVersion> {
  const files: FetchedVersion['files'] = [];
  let page = await api.call(DataRoutes.listFiles, { dataset, version });
  const { total } = page;
  let got = 0;
  const sent = (bytes: number) => {
    got += bytes;
    progress(`${dataset} version ${page.number}: ${megabytes(got)} of ${megabytes(total.bytes)} MB`);
  };
  const again = (after?: string) => api.call(DataRoutes.listFiles, { dataset, version: page.version, after });
  for (let after: string | undefined, tries = 1; ; ) {
    const missing = page.files.filter(({ path }) => !files.some((file) => file.path === path));
    const expired = await eachOf(missing, async (file) => {
      const { path, sha256, bytes, rows } = file;
      files.push({ path, sha256, bytes, rows, local: await fetchFile(folder, file, { sent, signal }) });
    });
    if (expired) {
      if (++tries > PAGE_TRIES)
        throw SharedErrors.ServiceUnavailable(`${dataset}: the curated zone refuses the URLs of its files`, {
          cause: expired,
        });
      page = await again(after);
      continue;
    }
    if (page.next === undefined) break;
    after = page.next;
    tries = 1;
    page = await again(after);
  }
  const { number, columns } = page;
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { dataset, version: page.version, number, columns, total, files };
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** Works on some at a time, and stops taking new ones when a URL has run out. @returns the error that says so */
async function eachOf(
  files: readonly FileLink[],
  work: (file: FileLink) => Promise<void>,
): Promise<LinkExpired | undefined> {
  const waiting = [...files];
  let expired: LinkExpired | undefined;
  const worker = async () => {
    for (let file = waiting.shift(); file && !expired; file = waiting.shift()) {
      try {
        await work(file);
      } catch (error) {
        if (!(error instanceof LinkExpired)) throw error;
        expired = error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return expired;
}
