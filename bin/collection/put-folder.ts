import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  COLLECTION_COLUMNS,
  DataErrors,
  DataRoutes,
  isCollection,
  MAX_ANNOUNCED,
  MAX_OBJECT_BYTES,
} from '../../lambdas/data/contract.ts';
import type { Digest } from '../../lambdas/shared/digest.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { hashFile, listFolder, realFolder } from './folder.ts';
import { cacheFolder, readIndex, writeIndex } from './hash-index.ts';
import { mediaTypeOf } from './media-type.ts';
import { type Listed, takeSnapshot } from './snapshot.ts';

/** A file of the folder with its content's name. */
export interface FolderObject extends Listed {
  sha256: Digest;
}

export interface SentFolder {
  objects: FolderObject[];
  /** How many files were read, and how many contents were sent. */
  read: number;
  sent: number;
  /** The object manifest as CSV, with the spec's columns. */
  manifest: string;
}

interface SendOptions {
  progress: (text: string) => void;
  signal?: AbortSignal;
  /** Where the hash index lies. @default the user's cache folder */
  cache?: string;
  /** Uploads at a time. @default 8 */
  width?: number;
}

/**
 * Sends the contents of a folder's files that the collection has not yet, and gives the manifest of all of them. Files
 * that are as they were the last time are not read.
 * @throws DatasetNoCollection, CollectionPathInvalid
 * @throws InvalidInput for an empty folder, a file that is too large or changed meanwhile, a column that no file has
 */
export async function sendFolder(
  api: ApiClient,
  dataset: string,
  folder: string,
  { progress, signal, cache = cacheFolder(), width = 8 }: SendOptions,
): Promise<SentFolder> {
  const { spec } = await api.call(DataRoutes.showDataset, { dataset });
  if (!isCollection(spec))
    throw DataErrors.DatasetNoCollection(
      `dataset: got ${dataset} and a folder, but its spec has no format: { type: objects }`,
    );
  const columns = manifestColumns(Object.keys(spec.columns));
  const root = realFolder(folder);
  const { objects, read } = hashFolder(root, cache, progress);
  if (objects.length === 0) throw SharedErrors.InvalidInput(`file: got ${folder}, a folder without files`);
  const contents = [...new Map(objects.map((object) => [object.sha256, object])).values()];
  let [asked, sent] = [0, 0];
  for (let i = 0; i < contents.length; i += MAX_ANNOUNCED) {
    const batch = contents.slice(i, i + MAX_ANNOUNCED);
    const { missing } = await api.call(DataRoutes.announceObjects, {
      dataset,
      objects: batch.map(({ sha256, bytes }) => ({ sha256, bytes })),
    });
    const byDigest = new Map(batch.map((object) => [object.sha256, object]));
    await atOnce(missing, width, async (upload) => {
      signal?.throwIfAborted();
      await send(join(root, (byDigest.get(upload.sha256) as FolderObject).path), upload);
      sent++;
      progress(
        `${bar((asked + sent) / contents.length)} ${sent} sent, ${contents.length - asked} of ${contents.length} to look at`,
      );
    });
    asked += batch.length - missing.length;
  }
  return { objects, read, sent, manifest: manifestText(columns, objects) };
}

/** The files of a folder with their digests; what the index knows is not read. */
function hashFolder(root: string, cache: string, progress: (text: string) => void = () => {}) {
  const listing = listFolder(root);
  const large = listing.find(({ bytes }) => bytes > MAX_OBJECT_BYTES);
  if (large)
    throw SharedErrors.InvalidInput(
      `file: ${large.path} has ${large.bytes} bytes, an object of a collection at most ${MAX_OBJECT_BYTES}`,
    );
  let hashed = 0;
  const { snapshot, read } = takeSnapshot(listing, readIndex(root, cache), ({ path }) => {
    progress(`${++hashed} files read, ${path}`);
    return hashFile(join(root, path));
  });
  writeIndex(root, cache, snapshot);
  const objects = listing.map((object, i) => ({
    ...object,
    sha256: `sha256:${snapshot.digests.toString('hex', i * 32, (i + 1) * 32)}` as Digest,
  }));
  return { objects, read: read.length };
}

const LABEL = 'label';

/** Those of every collection, and a label where the spec has one: the name of the first folder. */
function manifestColumns(spec: readonly string[]): string[] {
  const known: readonly string[] = [...COLLECTION_COLUMNS, LABEL];
  const unknown = spec.filter((name) => !known.includes(name));
  if (unknown.length === 0) return known.filter((name) => spec.includes(name));
  throw SharedErrors.InvalidInput(
    `columns: the spec has ${unknown.join(', ')}, a folder gives ${known.join(', ')}; upload an object manifest of your own for more`,
  );
}

function manifestText(columns: readonly string[], objects: readonly FolderObject[]): string {
  const row = ({ path, sha256, bytes }: FolderObject): Record<string, string> => ({
    ...{ path, sha256, bytes: String(bytes), mediaType: mediaTypeOf(path) },
    [LABEL]: path.includes('/') ? path.slice(0, path.indexOf('/')) : '',
  });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = objects.map((object) => {
    const cells = row(object);
    return columns.map((name) => (cells[name] ? quoted(cells[name]) : '')).join(',');
  });
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

async function send(
  file: string,
  { url, method, headers }: { url: string; method: string; headers: Record<string, string> },
) {
  const empty = headers['content-length'] === '0';
  const body = empty ? '' : (Readable.toWeb(createReadStream(file)) as ReadableStream);
  const response = await fetch(url, { method, headers, body, duplex: 'half' } as RequestInit);
  const text = await response.text();
  // 412: somebody else sent the same content first.
  if (response.ok || response.status === 412) return;
  if (response.status === 400)
    throw SharedErrors.InvalidInput(`file: ${file} changed while it was sent: ${text.slice(0, 200)}`);
  throw SharedErrors.ServiceUnavailable(`the curated zone answered ${response.status} to the upload of ${file}`);
}

async function atOnce<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) await work(items[i] as Item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}

const WIDTH = 20;
const bar = (share: number): string => {
  const full = Math.round(Math.min(1, share) * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
};
