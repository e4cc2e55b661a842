import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { storedMerkleTree } from '../../lambdas/data/contract.ts';
import type { Snapshot } from './snapshot.ts';

const SCHEMA = 'millrace/hashes/1';

/** Where indexes lie: below MILLRACE_CACHE, else in the user's cache folder. */
export const cacheFolder = (
  own: string | undefined = process.env['MILLRACE_CACHE'],
  users: string | undefined = process.env['XDG_CACHE_HOME'],
): string => own ?? join(users ?? join(homedir(), '.cache'), 'millrace');

const indexFile = (folder: string, cache: string) =>
  join(cache, 'hashes', `${createHash('sha256').update(folder).digest('hex').slice(0, 32)}.index`);

/**
 * A folder's snapshot as it was kept: a line of JSON, then its text, digests and the tree's nodes, since 100,000 rows
 * of JSON take longer to parse than everything else. An index that is damaged, or of another kind, is as none:
 * everything is then read again.
 */
export function readIndex(folder: string, cache: string): Snapshot | undefined {
  try {
    const bytes = readFileSync(indexFile(folder, cache));
    const end = bytes.indexOf('\n');
    const { schema, count, sizes, crc } = JSON.parse(bytes.toString('utf8', 0, end)) as Header;
    const body = bytes.subarray(end + 1);
    if (schema !== SCHEMA || crc !== crc32(body)) return undefined;
    const [text, digests] = sizes;
    return {
      count,
      text: body.subarray(0, text),
      digests: body.subarray(text, text + digests),
      tree: storedMerkleTree(count, body.subarray(text + digests)),
    };
  } catch {
    return undefined;
  }
}

interface Header {
  schema: string;
  count: number;
  /** Bytes of text and digests; the nodes are the rest. */
  sizes: [text: number, digests: number];
  crc: number;
}

export function writeIndex(folder: string, cache: string, { count, text, digests, tree }: Snapshot): void {
  const parts = [text, digests, tree.nodes()];
  const crc = parts.reduce((sum, part) => crc32(part, sum), 0);
  const header: Header = { schema: SCHEMA, count, sizes: [text.length, digests.length], crc };
  const file = indexFile(folder, cache);
  mkdirSync(join(cache, 'hashes'), { recursive: true });
  // Others may write at the same time: each writes its own file, and the last rename is the index.
  const part = `${file}.${process.pid}.part`;
  try {
    writeAll(part, [Buffer.from(`${JSON.stringify(header)}\n`), ...parts]);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function writeAll(file: string, parts: readonly Buffer[]): void {
  const descriptor = openSync(file, 'w', 0o600);
  try {
    for (const part of parts)
      for (let at = 0; at < part.length; ) at += writeSync(descriptor, part, at, part.length - at);
  } finally {
    closeSync(descriptor);
  }
}
