import { readFile, writeFile } from 'node:fs/promises';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { ErasableObjects, ObjectVersion } from '../../lambdas/shared/objects.ts';

export interface MemoryObjects extends ErasableObjects {
  keys(): string[];
  remove(key: string): void;
}

interface Stored extends ObjectVersion {
  bytes: Uint8Array;
  modifiedAt: Date;
}

/** The object port in memory: every write is a version of its own, the last one is what is read. */
export function memoryObjects(bucket = 'memory', clock: () => Date = () => new Date()): MemoryObjects {
  const objects = new Map<string, Stored[]>();
  let written = 0;
  const bytesOf = (bytes: Uint8Array | string) =>
    new Uint8Array(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  const newest = (key: string) => objects.get(key)?.at(-1);
  const write = (key: string, bytes: Uint8Array | string) => {
    const stored = { key, versionId: `v${++written}`, bytes: bytesOf(bytes), modifiedAt: clock() };
    objects.set(key, [...(objects.get(key) ?? []), stored]);
  };
  const keysBelow = (prefix: string) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(byBytes);
  return {
    bucket,
    async get(key) {
      const stored = newest(key);
      return stored && new Uint8Array(stored.bytes);
    },
    async download(key, file) {
      const stored = newest(key);
      if (!stored) return undefined;
      await writeFile(file, stored.bytes);
      return { bytes: stored.bytes.length, sha256: digestOf(stored.bytes) };
    },
    async upload(key, file) {
      if (objects.has(key)) return 'exists';
      write(key, await readFile(file));
      return 'created';
    },
    async head(key) {
      const stored = newest(key);
      return stored && { bytes: stored.bytes.length };
    },
    async put(key, bytes) {
      write(key, bytes);
    },
    async create(key, bytes) {
      if (objects.has(key)) return 'exists';
      write(key, bytes);
      return 'created';
    },
    async list(prefix) {
      return keysBelow(prefix).slice(0, 1000);
    },
    async listPage(prefix, { after, limit = 1000 } = {}) {
      const keys = keysBelow(prefix).filter((key) => after === undefined || byBytes(key, after) > 0);
      const shown = keys.slice(0, Math.min(limit, 1000)).map((key) => newest(key) as Stored);
      const listed = shown.map(({ key, bytes, modifiedAt }) => ({ key, bytes: bytes.length, modifiedAt }));
      return { objects: listed, ...(keys.length > shown.length && { next: shown.at(-1)?.key }) };
    },
    async versionsBelow(prefix) {
      return keysBelow(prefix).flatMap((key) =>
        (objects.get(key) ?? []).map(({ versionId }) => ({ key, versionId })).reverse(),
      );
    },
    async erase(versions) {
      for (const { key, versionId } of versions) {
        const left = (objects.get(key) ?? []).filter((each) => each.versionId !== versionId);
        if (left.length > 0) objects.set(key, left);
        else objects.delete(key);
      }
    },
    keys: () => [...objects.keys()].sort(),
    remove: (key) => void objects.delete(key),
  };
}

/** As S3 orders keys; JavaScript's own order differs beyond the basic plane. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
