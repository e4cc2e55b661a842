import { gunzipSync, gzipSync } from 'node:zlib';
import { TrainingErrors } from './errors.ts';

export interface TarLimits {
  /** Of all files together, unpacked, in bytes. */
  maxBytes: number;
  maxFiles: number;
}

const BLOCK = 512;
const REGULAR = new Set(['0', '\0', '']);
const FOLDER = '5';
/** Extended headers (PAX) and long names (GNU) that writers put before a file; here they only carry names and times. */
const EXTENSIONS = new Set(['x', 'g', 'L', 'K']);

/**
 * The regular files of a gzipped tar archive (POSIX ustar), by path. What a training script left is not trusted:
 * links, devices and paths that leave the archive are refused, and it is never unpacked beyond its limits.
 * @throws TrainingOutputInvalid
 */
export function readTarGz(bytes: Uint8Array, { maxBytes, maxFiles }: TarLimits): Map<string, Uint8Array> {
  const archive = unzipped(bytes, maxBytes + maxFiles * 2 * BLOCK + 1024 * 1024);
  const files = new Map<string, Uint8Array>();
  let offset = 0;
  let total = 0;
  while (offset + BLOCK <= archive.length) {
    const header = archive.subarray(offset, offset + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    checkSum(header, offset);
    const { name, size, type } = parseHeader(header);
    const start = offset + BLOCK;
    if (start + size > archive.length) throw refuse(`${name}: says ${size} bytes, the archive ends before`);
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
    if (type === FOLDER || EXTENSIONS.has(type)) continue;
    if (!REGULAR.has(type)) throw refuse(`${name}: is of type ${type}, expected regular files only`);
    const path = safePath(name);
    if (files.has(path)) throw refuse(`${path}: is there twice`);
    total += size;
    if (total > maxBytes) throw refuse(`files: got more than ${maxBytes} bytes`);
    if (files.size === maxFiles) throw refuse(`files: got more than ${maxFiles}`);
    files.set(path, archive.slice(start, start + size));
  }
  return files;
}

const refuse = (reason: string, cause?: unknown) =>
  TrainingErrors.TrainingOutputInvalid(`model.tar.gz: ${reason}`, { cause });

function unzipped(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength });
  } catch (cause) {
    const tooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw refuse(tooLarge ? `unpacks to more than ${maxOutputLength} bytes` : 'is no gzip file', cause);
  }
}

const textOf = (field: Uint8Array): string => {
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end)).toString('utf8');
};

function parseHeader(header: Uint8Array): { name: string; size: number; type: string } {
  const prefix = textOf(header.subarray(257, 262)) === 'ustar' ? textOf(header.subarray(345, 500)) : '';
  const name = textOf(header.subarray(0, 100));
  return {
    name: prefix ? `${prefix}/${name}` : name,
    size: octal(header.subarray(124, 136), 'size'),
    type: String.fromCharCode(header[156] ?? 0),
  };
}

function octal(field: Uint8Array, what: string): number {
  const text = textOf(field).trim();
  if (!/^[0-7]{1,11}$/.test(text)) throw refuse(`${what}: got ${JSON.stringify(text)}, expected an octal number`);
  return Number.parseInt(text, 8);
}

/** The header's sum counts its own eight bytes as spaces. */
function checkSum(header: Uint8Array, offset: number): void {
  const expected = octal(header.subarray(148, 156), 'checksum');
  let sum = 8 * 32;
  for (const [i, byte] of header.entries()) if (i < 148 || i >= 156) sum += byte;
  if (sum !== expected) throw refuse(`header at byte ${offset}: its checksum is ${sum}, it says ${expected}`);
}

function safePath(name: string): string {
  const path = name.replace(/^(\.\/)+/, '');
  const segments = path.split('/');
  if (path === '' || /[\\\0]/.test(path) || segments.some((part) => part === '' || part === '.' || part === '..')) {
    throw refuse(`path: got ${JSON.stringify(name)}, expected one inside the archive`);
  }
  return path;
}

/** A gzipped tar archive of regular files, in order of their paths: the same files are the same bytes. */
export function writeTarGz(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (Buffer.byteLength(path) > 100) throw refuse(`path: got ${path}, at most 100 bytes are written`);
    blocks.push(headerOf(path, bytes.length), bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  return gzipSync(Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]));
}

function headerOf(path: string, size: number): Uint8Array {
  const header = Buffer.alloc(BLOCK);
  const octalText = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(path, 0);
  header.write(octalText(0o644, 7), 100);
  header.write(octalText(0, 7), 108);
  header.write(octalText(0, 7), 116);
  header.write(octalText(size, 11), 124);
  header.write(octalText(0, 11), 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
