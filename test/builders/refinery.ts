import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { duckdbRefinery } from '../../lambdas/data/aws/duckdb-refinery.ts';
import type { FetchRaw } from '../../lambdas/data/ports.ts';
import { type MemoryObjects, memoryObjects } from '../fakes/memory-objects.ts';

/** Raw objects of a memory store, fetched the way the refinery wants them. */
const fetchFrom =
  (raw: MemoryObjects): FetchRaw =>
  async ({ key, range }, file) => {
    const whole = await raw.get(key);
    if (!whole) return undefined;
    const bytes = range ? whole.subarray(range.from, range.to) : whole;
    await writeFile(file, bytes);
    return { bytes: bytes.length, sha256: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
  };

/** Every dataset's key here. */
export const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

/** The real refinery, DuckDB and all, between two zones in memory. */
export function aRefinery({ partBytes = 1024 ** 3 } = {}) {
  const raw = memoryObjects('raw');
  const curated = memoryObjects('curated');
  return {
    raw,
    curated,
    refinery: duckdbRefinery({ fetchRaw: fetchFrom(raw), curated, pseudonymKey: async () => KEY }, { partBytes }),
  };
}
