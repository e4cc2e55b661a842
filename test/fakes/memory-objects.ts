import { readFile, writeFile } from 'node:fs/promises';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';

export interface MemoryObjects extends ObjectStore {
  keys(): string[];
  remove(key: string): void;
}

/** The object port in memory. */
export function memoryObjects(bucket = 'memory'): MemoryObjects {
  const objects = new Map<string, Uint8Array>();
  const bytesOf = (bytes: Uint8Array | string) =>
    new Uint8Array(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  return {
    bucket,
    async get(key) {
      const bytes = objects.get(key);
      return bytes && new Uint8Array(bytes);
    },
    async download(key, file) {
      const bytes = objects.get(key);
      if (!bytes) return undefined;
      await writeFile(file, bytes);
      return { bytes: bytes.length, sha256: digestOf(bytes) };
    },
    async upload(key, file) {
      if (objects.has(key)) return 'exists';
      objects.set(key, new Uint8Array(await readFile(file)));
      return 'created';
    },
    async head(key) {
      const bytes = objects.get(key);
      return bytes && { bytes: bytes.length };
    },
    async put(key, bytes) {
      objects.set(key, bytesOf(bytes));
    },
    async create(key, bytes) {
      if (objects.has(key)) return 'exists';
      objects.set(key, bytesOf(bytes));
      return 'created';
    },
    async list(prefix) {
      return [...objects.keys()]
        .filter((key) => key.startsWith(prefix))
        .sort()
        .slice(0, 1000);
    },
    keys: () => [...objects.keys()].sort(),
    remove: (key) => void objects.delete(key),
  };
}
