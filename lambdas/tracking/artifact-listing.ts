import { digestOf, hexOf } from '../shared/digest.ts';
import { ArtifactErrors } from './artifact-errors.ts';
import type { ArtifactEntry, ArtifactStore } from './artifact-store.ts';
import { TrackingErrors } from './errors.ts';

/** An entry as MLflow writes it: a folder has no size, and `is_dir` is there for files too. */
export interface ListedFile {
  path: string;
  is_dir: boolean;
  file_size?: number;
}

export const fileInfo = (entry: ArtifactEntry, folder = ''): ListedFile => ({
  path: folder === '' ? entry.name : `${folder}/${entry.name}`,
  is_dir: entry.isFolder,
  ...(!entry.isFolder && { file_size: entry.bytes }),
});

/** The proxy's answer has no pages, and must fit into the 6 MB of a function's; an entry has about 100 bytes. */
const MAX_ENTRIES = 40_000;

/** Everything directly in a folder. */
export async function wholeFolder(store: ArtifactStore, prefix: string): Promise<ArtifactEntry[]> {
  const { entries, next } = await entriesFrom(store, prefix, undefined, MAX_ENTRIES);
  if (next === undefined) return entries;
  throw ArtifactErrors.ArtifactFolderTooLarge(
    `path: the folder has more than ${MAX_ENTRIES} entries, which is more than one answer holds; use folders in it`,
  );
}

/** As many as the stock UI shows well: it asks for no second page. */
const PAGE_ENTRIES = 10_000;

/** One page of a folder; the token is good for this folder only. */
export async function folderPage(
  store: ArtifactStore,
  prefix: string,
  token: string | undefined,
): Promise<{ entries: ArtifactEntry[]; next?: string }> {
  const { entries, next } = await entriesFrom(store, prefix, token && openToken(token, prefix), PAGE_ENTRIES);
  return { entries, ...(next !== undefined && { next: sealToken(next, prefix) }) };
}

async function entriesFrom(store: ArtifactStore, prefix: string, from: string | undefined, most: number) {
  const entries: ArtifactEntry[] = [];
  let after = from || undefined;
  do {
    const page = await store.list(prefix, after);
    entries.push(...page.entries);
    after = page.next;
  } while (after !== undefined && entries.length < most);
  return { entries, next: after };
}

const folderMark = (prefix: string) => hexOf(digestOf(prefix)).slice(0, 16);
const sealToken = (after: string, prefix: string) =>
  Buffer.from(JSON.stringify([folderMark(prefix), after])).toString('base64url');

function openToken(token: string, prefix: string): string {
  try {
    const [mark, after] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as [unknown, unknown];
    if (mark === folderMark(prefix) && typeof after === 'string') return after;
  } catch {
    // Not one of ours.
  }
  throw TrackingErrors.RequestInvalid('Invalid page token: it is not from a listing of this folder');
}
