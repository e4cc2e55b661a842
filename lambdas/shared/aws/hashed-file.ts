import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileFacts } from '../objects.ts';

const READ_BYTES = 1024 * 1024;

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
  const handle = await open(file);
  try {
    // One buffer: a stream's new one for each read wakes the garbage collector, which costs as much as half the hash.
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, bytes);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return { bytes, sha256: `sha256:${hash.digest('hex')}` };
}
