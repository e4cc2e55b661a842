import { createHash } from 'node:crypto';
import { ArtifactErrors } from '../../lambdas/tracking/artifact-errors.ts';
import type { ArtifactEntry, ArtifactStore } from '../../lambdas/tracking/artifact-store.ts';

interface Stored {
  bytes: Uint8Array;
  contentType: string;
  etag: string;
}
interface Upload {
  key: string;
  contentType: string;
  parts: Map<number, { bytes: Uint8Array; etag: string }>;
}

/** What a URL of a store answers: `fetch`, as far as the contract needs it. */
export type FetchUrl = (
  url: string,
  init?: { method?: string; body?: Uint8Array; headers?: Record<string, string> },
) => Promise<Response>;

export interface MemoryArtifacts extends ArtifactStore {
  /** What was asked for, with the key: no key may be outside the caller's workspace. */
  readonly touched: string[];
  keys(): string[];
  fetch: FetchUrl;
}

const MIN_PART_BYTES = 5 * 1024 ** 2;
const PAGE = 1000;
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

/** The artifacts zone in memory, with S3's rules about parts; its URLs are good for its own `fetch`. */
export function memoryArtifacts(bucket = 'memory-artifacts'): MemoryArtifacts {
  const objects = new Map<string, Stored>();
  const uploads = new Map<string, Upload>();
  const touched: string[] = [];
  let begun = 0;
  const touch = (key: string) => {
    touched.push(key);
    return key;
  };
  const write = (key: string, bytes: Uint8Array, contentType: string, etag = `"${md5(bytes)}"`) =>
    objects.set(key, { bytes: new Uint8Array(bytes), contentType, etag });
  const url = (key: string, query: Record<string, string>) =>
    `memory://${bucket}/${encodeURIComponent(key)}?${new URLSearchParams(query)}`;

  return {
    bucket,
    touched,
    keys: () => [...objects.keys()].sort(),
    async head(key) {
      const found = objects.get(touch(key));
      return found && { bytes: found.bytes.length, etag: found.etag };
    },
    async get(key) {
      const found = objects.get(touch(key));
      return found && new Uint8Array(found.bytes);
    },
    async put(key, bytes, contentType) {
      write(touch(key), bytes, contentType);
    },
    async list(prefix, after) {
      const below = `${touch(prefix)}/`;
      const entries = new Map<string, ArtifactEntry>();
      for (const [key, { bytes }] of objects) {
        if (!key.startsWith(below) || key === below) continue;
        const [name = '', ...rest] = key.slice(below.length).split('/');
        if (rest.length > 0) entries.set(`${name}/`, { name, isFolder: true });
        else entries.set(name, { name, isFolder: false, bytes: bytes.length });
      }
      const from = after === undefined ? 0 : Number(after);
      const page = [...entries.keys()].sort().slice(from, from + PAGE);
      const isLast = from + PAGE >= entries.size;
      return {
        entries: page.map((name) => entries.get(name) as ArtifactEntry),
        ...(!isLast && { next: String(from + PAGE) }),
      };
    },
    async remove(key) {
      touch(key);
      for (const each of [...objects.keys()]) if (each === key || each.startsWith(`${key}/`)) objects.delete(each);
    },
    async presignGet(key, seconds, { contentType, disposition }) {
      return url(touch(key), { method: 'GET', seconds: String(seconds), contentType, disposition });
    },
    async presignPut(key, seconds) {
      return url(touch(key), { method: 'PUT', seconds: String(seconds) });
    },
    async createMultipart(key, contentType) {
      const id = `upload-${++begun}`;
      uploads.set(id, { key: touch(key), contentType, parts: new Map() });
      return id;
    },
    async presignPart(key, uploadId, partNumber, seconds) {
      const of = { uploadId, partNumber: String(partNumber) };
      return url(touch(key), { method: 'PUT', seconds: String(seconds), ...of });
    },
    async completeMultipart(key, uploadId, parts) {
      touch(key);
      const digests = parts.map(({ etag }) => Buffer.from(etag.replaceAll('"', ''), 'hex'));
      const etag = `"${md5(Buffer.concat(digests))}-${parts.length}"`;
      const upload = uploads.get(uploadId);
      if (upload?.key !== key) {
        if (objects.get(key)?.etag === etag) return;
        throw ArtifactErrors.MultipartMissing('upload_id: there is no such upload any more');
      }
      const sent = parts.map(({ partNumber, etag: given }, i) => {
        const part = upload.parts.get(partNumber);
        const before = parts[i - 1]?.partNumber ?? 0;
        if (!part || part.etag.replaceAll('"', '') !== given.replaceAll('"', '') || partNumber <= before) {
          throw ArtifactErrors.PartsInvalid(
            `parts: got part ${partNumber}, which is not what was sent, or not in order`,
          );
        }
        if (i < parts.length - 1 && part.bytes.length < MIN_PART_BYTES) {
          throw ArtifactErrors.PartsInvalid(`parts: part ${partNumber} is smaller than 5 MiB`);
        }
        return part.bytes;
      });
      write(key, Buffer.concat(sent), upload.contentType, etag);
      uploads.delete(uploadId);
    },
    async abortMultipart(key, uploadId) {
      touch(key);
      uploads.delete(uploadId);
    },
    async fetch(address, { method = 'GET', body = new Uint8Array(), headers = {} } = {}) {
      const { pathname, searchParams: query } = new URL(address.replace('memory:', 'http:'));
      const key = decodeURIComponent(pathname.slice(1));
      if (query.get('method') !== method) return new Response(null, { status: 403 });
      if (method === 'PUT') {
        const upload = uploads.get(query.get('uploadId') ?? '');
        if (query.has('uploadId') && !upload) return new Response(null, { status: 404 });
        const etag = `"${md5(body)}"`;
        if (upload) upload.parts.set(Number(query.get('partNumber')), { bytes: body, etag });
        else write(key, body, headers['content-type'] ?? 'binary/octet-stream');
        return new Response(null, { headers: { etag } });
      }
      const found = objects.get(key);
      if (!found) return new Response(null, { status: 404 });
      const shown = {
        'content-type': query.get('contentType') ?? found.contentType,
        'content-disposition': query.get('disposition') ?? '',
      };
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? headers['Range'] ?? '') ?? [];
      const part = first === undefined ? found.bytes : found.bytes.slice(Number(first), Number(last) + 1);
      return new Response(Buffer.from(part), { status: first === undefined ? 200 : 206, headers: shown });
    },
  };
}
