import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { storedMerkleTree } from '../../lambdas/data/merkle-tree.ts';
import type { Snapshot } from './snapshot.ts';

const SCHEMA = 'millrace/hashes/1';

/** Where indexes lie: below MILLRACE_CACHE, else in the user's cache folder. */
export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment['MILLRACE_CACHE'] ?? join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace');

const indexFile = (folder: string, cache: string) =>
  join(cache, 'hashes', `${createHash('sha256').update(folder).digest('hex').slice(0, 32)}.index`);

/**
 * A folder's snapshot as it was kept: a line of JSON, then paths and stamps as lines, digests, and the tree's nodes,
 * since 100,000 rows of JSON take longer to parse than everything else. An index that is damaged, or of another kind,
 * is as none: everything is then read again.
 */
export function readIndex(folder: string, cache: string): Snapshot | undefined {
  try {
    const bytes = readFileSync(indexFile(folder, cache));
    const end = bytes.indexOf('\n');
    const { schema, count, sizes, crc } = JSON.parse(bytes.toString('utf8', 0, end)) as Header;
    const body = bytes.subarray(end + 1);
    if (schema !== SCHEMA || crc !== crc32(body)) return undefined;
    let at = 0;
    const [paths, stamps, digests, nodes] = sizes.map((size) => {
      const begin = at;
      at += size;
      return body.subarray(begin, at);
    });
    const lines = (text: Buffer | undefined) => (count === 0 ? [] : (text as Buffer).toString('utf8').split('\n'));
    return {
      paths: lines(paths),
      stamps: lines(stamps),
      digests: digests as Buffer,
      tree: storedMerkleTree(count, nodes as Buffer),
    };
  } catch {
    return undefined;
  }
}

interface Header {
  schema: string;
  count: number;
  /** Bytes of paths, stamps, digests and nodes. */
  sizes: number[];
  crc: number;
}

/** Paths have no line breaks: `requirePath` refuses them. */
export function writeIndex(folder: string, cache: string, { paths, stamps, digests, tree }: Snapshot): void {
  const parts = [Buffer.from(paths.join('\n')), Buffer.from(stamps.join('\n')), digests, tree.nodes()];
  const body = Buffer.concat(parts);
  const header: Header = {
    schema: SCHEMA,
    count: paths.length,
    sizes: parts.map(({ length }) => length),
    crc: crc32(body),
  };
  const file = indexFile(folder, cache);
  mkdirSync(join(cache, 'hashes'), { recursive: true });
  // Others may write at the same time: each writes its own file, and the last rename is the index.
  const part = `${file}.${process.pid}.part`;
  try {
    writeFileSync(part, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]));
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
