import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Refinery } from '../ports.ts';
import { finishParts, planParts, refinePart } from './duckdb-parts.ts';
import { readRows } from './duckdb-reading.ts';
import { openDuckdb } from './duckdb-session.ts';
import { NOTHING_BEFORE, settle } from './duckdb-settling.ts';
import { openRaw } from './open-raw.ts';
import type { Workshop, Zones } from './workshop.ts';

/** DuckDB behind the refinery port: each call has a folder and a database of its own, and leaves neither. */
export function duckdbRefinery(zones: Zones, { partBytes = 256 * 1024 ** 2 } = {}): Refinery {
  const working = async <Result>(work: (workshop: Workshop) => Promise<Result>): Promise<Result> => {
    const folder = await mkdtemp(join(tmpdir(), `millrace-ingest-${process.pid}-`));
    const duckdb = await openDuckdb(folder);
    try {
      return await work({ ...zones, duckdb, folder });
    } finally {
      duckdb.close();
      await rm(folder, { recursive: true, force: true });
    }
  };
  return {
    refine: (request) =>
      working(async (workshop) => {
        const { raw, open } = await openRaw(workshop, request);
        const { passed, exact } = await readRows(workshop, request, open);
        return settle(workshop, request, { raw, parts: passed.parts, exact, before: NOTHING_BEFORE });
      }),
    plan: (request) => working((workshop) => planParts(workshop, request, partBytes)),
    refinePart: (request, plan, part) => working((workshop) => refinePart(workshop, request, plan, part)),
    finish: (request, plan) => working((workshop) => finishParts(workshop, request, plan)),
  };
}
