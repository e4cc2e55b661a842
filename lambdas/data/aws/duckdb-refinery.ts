import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStore } from '../../shared/objects.ts';
import { checkHeader, readHeader } from '../csv-header.ts';
import { DataErrors } from '../errors.ts';
import { checkDatasetSize, checkFileSize } from '../file-size.ts';
import type { FetchRaw, Refine, Refined, RefineRequest } from '../ports.ts';
import { openParent, writeFiles } from './duckdb-parquet.ts';
import { profileColumns } from './duckdb-profile.ts';
import { readBreaches, sortRows } from './duckdb-rows.ts';
import { openDuckdb } from './duckdb-session.ts';
import { stageCsv, startOf } from './duckdb-staging.ts';

/** DuckDB behind the refine port: each call has a folder and a database of its own, and leaves neither. */
export function duckdbRefinery(zones: { fetchRaw: FetchRaw; curated: ObjectStore }): Refine {
  return async (request) => {
    const folder = await mkdtemp(join(tmpdir(), `millrace-ingest-${process.pid}-`));
    try {
      return await refine(zones, request, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function refine(
  { fetchRaw, curated }: { fetchRaw: FetchRaw; curated: ObjectStore },
  { workspace, object, spec, parent }: RefineRequest,
  folder: string,
): Promise<Refined> {
  checkDatasetSize(spec.dataset, parent?.files ?? []);
  const csv = join(folder, 'raw.csv');
  const raw = await fetchRaw(object, csv);
  if (!raw) throw DataErrors.RawObjectMissing(`key: got ${object.key}, the raw zone has no such object any more`);
  checkFileSize(raw.bytes);
  const header = readHeader(await startOf(csv));
  checkHeader(header, spec);
  const duckdb = await openDuckdb(folder);
  try {
    const given = await stageCsv(duckdb, csv, header);
    await openParent(duckdb, { curated, folder, spec, parent });
    await sortRows(duckdb, spec);
    const { broken, counts, sample } = await readBreaches(duckdb);
    const files = await writeFiles(duckdb, { curated, folder, workspace, spec, parent });
    const fresh = files.reduce((sum, { rows }) => sum + rows, 0);
    const columns = files.length > 0 ? await profileColumns(duckdb, spec) : {};
    return { raw, rows: { given, broken, repeated: given - broken - fresh, fresh }, counts, sample, files, columns };
  } finally {
    duckdb.close();
  }
}
