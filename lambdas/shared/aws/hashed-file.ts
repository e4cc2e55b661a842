import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileFacts } from '../objects.ts';

/** Writes a stream to a file, hashed on the way: memory stays flat whatever its size. */
export async function hashedToFile(source: Readable, file: string): Promise<FileFacts> {
  const hash = createHash('sha256');
  let bytes = 0;
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(source, hashing, createWriteStream(file));
  return { bytes, sha256: `sha256:${hash.digest('hex')}` };
}

/** Size and digest of a file, read once, whatever its size. */
export async function digestOfFile(file: string): Promise<FileFacts> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: `sha256:${hash.digest('hex')}` };
}
