import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { duckdbRefinery } from '../../lambdas/data/aws/duckdb-refinery.ts';
import type { FetchRaw } from '../../lambdas/data/ports.ts';
import { type MemoryObjects, memoryObjects } from '../fakes/memory-objects.ts';

/** Raw objects of a memory store, fetched the way the refinery wants them. */
const fetchFrom =
  (raw: MemoryObjects): FetchRaw =>
  async ({ key }, file) => {
    const bytes = await raw.get(key);
    if (!bytes) return undefined;
    await writeFile(file, bytes);
    return { bytes: bytes.length, sha256: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
  };

/** The real refinery, DuckDB and all, between two zones in memory. */
export function aRefinery() {
  const raw = memoryObjects('raw');
  const curated = memoryObjects('curated');
  return { raw, curated, refine: duckdbRefinery({ fetchRaw: fetchFrom(raw), curated }) };
}
