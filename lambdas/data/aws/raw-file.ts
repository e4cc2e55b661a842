import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Format } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';
import { checkUnpacked, isGzip } from '../raw-format.ts';

/** A file's first bytes. */
export async function startOf(file: string, bytes: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * The file without gzip around it: itself where there is none. Streams; nothing of it is held in memory.
 * @throws FileTruncated, FileDamaged, DecompressionBomb
 */
export async function unpacked(file: string): Promise<string> {
  if (!isGzip(await startOf(file, 2))) return file;
  const plain = `${file}.plain`;
  const gunzip = createGunzip();
  let bytes = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      try {
        checkUnpacked(bytes, gunzip.bytesWritten);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  try {
    await pipeline(createReadStream(file), gunzip, guard, createWriteStream(plain));
  } catch (cause) {
    throw gzipFailure(cause);
  }
  await rm(file);
  return plain;
}

function gzipFailure(cause: unknown): unknown {
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (code === 'Z_BUF_ERROR')
    return DataErrors.FileTruncated('file: got gzip without its end, expected all of it; upload it again', { cause });
  if (typeof code === 'string' && code.startsWith('Z_'))
    return DataErrors.FileDamaged(`file: got gzip that does not unpack (${(cause as Error).message})`, { cause });
  return cause;
}

/** The file in UTF-8. @throws CsvUnparsable when it is not written in the encoding that the spec names */
export async function inUtf8(file: string, encoding: Format['encoding']): Promise<string> {
  if (encoding === undefined || encoding === 'utf-8') return file;
  const decoded = `${file}.utf8`;
  const decoder = new TextDecoder(encoding === 'latin-1' ? 'latin1' : 'utf-16le', { fatal: true });
  const output = await open(decoded, 'w');
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      await output.write(decoder.decode(chunk, { stream: true }));
    }
    await output.write(decoder.decode());
  } catch (cause) {
    throw DataErrors.CsvUnparsable(`file: got bytes that are not ${encoding}, which the spec says it is`, { cause });
  } finally {
    await output.close();
  }
  await rm(file);
  return decoded;
}

/** Fits the processor's cache, since each byte is looked for by itself. */
const CHUNK = 1024 * 1024;
/** `_`, vertical tab and form feed: marks by themselves. */
const ALONE = [0x5f, 0x0b, 0x0c];

/**
 * Whether a number behind the header may be written in a way that DuckDB takes and we do not: with an underscore, or
 * with white space around it. Said at the speed of memory; a text may look like that too.
 */
export async function mayHaveOddNumbers(
  file: string,
  { delimiter, quote }: { delimiter: string; quote: string },
  headerBytes: number,
): Promise<boolean> {
  const tab = delimiter === '\t' ? [`\t${quote}`, `${quote}\t`] : ['\t'];
  const around = [delimiter, '\n', '\r', quote].flatMap((edge) => [` ${edge}`, `${edge} `]);
  const marks = ['+-', ...tab, ...around].map((mark) => Buffer.from(mark));
  // Most files have none of these bytes, and one byte is found ten times as fast as two: a mark has a space, a plus or the third.
  const hints = [0x20, 0x2b, delimiter === '\t' ? quote.charCodeAt(0) : 0x09];
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(CHUNK);
    // Chunks overlap by one byte: a mark has two at most.
    for (let at = Math.max(headerBytes - 1, 0); at < size; at += CHUNK - 1) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, at);
      const chunk = buffer.subarray(0, bytesRead);
      if (ALONE.some((byte) => chunk.includes(byte))) return true;
      if (hints.some((byte) => chunk.includes(byte)) && marks.some((mark) => chunk.includes(mark))) return true;
      if (at + bytesRead === size && chunk.at(-1) === 0x20) return true;
    }
  } finally {
    await handle.close();
  }
  return false;
}
