import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOfFile } from '../../shared/aws/hashed-file.ts';
import { type Digest, digestOf, digestOfJson, hexOf } from '../../shared/digest.ts';
import { jsonBytes, type ObjectStore, parseJson } from '../../shared/objects.ts';
import { DataErrors } from '../errors.ts';
import type { IngestionPlan, PlannedPart } from '../ingestion-plan.ts';
import { versionOf } from '../manifest.ts';
import { MAX_ROWS_SHOWN, MAX_SAMPLE, type Refined, type RefinedPart, type RefineRequest } from '../ports.ts';
import { parseRawKey } from '../raw-key.ts';
import { RecordCuts } from '../record-cuts.ts';
import type { CsvFile } from './csv-source.ts';
import { readBreachedRows, readBreaches } from './duckdb-breaches.ts';
import type { Part } from './duckdb-pass.ts';
import { readRows } from './duckdb-reading.ts';
import { settle } from './duckdb-settling.ts';
import { findRaw, openFound } from './open-raw.ts';
import type { Workshop } from './workshop.ts';

const MAX_HEADER_CHARACTERS = 20_000;

/** Rows of a Parquet file that are taken at once: as many as `partBytes` of its own bytes hold, by its average. */
async function planParquet({ duckdb }: Workshop, file: string, partBytes: number): Promise<IngestionPlan['parts']> {
  const { size } = await stat(file);
  const [{ rows } = { rows: 0 }] = await duckdb.rows<{ rows: number }>(
    `SELECT sum(num_rows)::DOUBLE AS rows FROM parquet_file_metadata('${file}')`,
  );
  const each = Math.max(1, Math.ceil(rows / Math.ceil(size / partBytes)));
  return Array.from({ length: Math.ceil(rows / each) }, (_, index) => ({
    index,
    from: index * each,
    to: Math.min(rows, (index + 1) * each),
  }));
}

async function planText(
  file: string,
  partBytes: number,
  dialect: CsvFile | undefined,
): Promise<IngestionPlan['parts']> {
  const cuts = new RecordCuts(
    partBytes,
    dialect && { quote: dialect.quote.charCodeAt(0), delimiter: dialect.delimiter.charCodeAt(0) },
  );
  for await (const chunk of createReadStream(file, { highWaterMark: 4 * 1024 ** 2 }) as AsyncIterable<Buffer>)
    cuts.add(chunk);
  const { size } = await stat(file);
  const ends = [...cuts.cuts.filter((cut) => cut < size), size];
  return ends.map((to, index) => ({ index, from: ends[index - 1] ?? 0, to }));
}

/** Gzip, Arrow and other encodings have no places to begin at: such a file is taken at once, whatever its size. */
export async function planParts(
  workshop: Workshop,
  request: RefineRequest & { specDigest: Digest },
  partBytes: number,
): Promise<IngestionPlan | undefined> {
  const found = await findRaw(workshop, request);
  // The plan goes through the workflow's state, which holds 256 KiB.
  if (!found.divisible || JSON.stringify(found.csv?.header ?? []).length > MAX_HEADER_CHARACTERS) return undefined;
  const { raw, type, csv, file } = found;
  const parts =
    type === 'parquet' ? await planParquet(workshop, file, partBytes) : await planText(file, partBytes, csv);
  if (parts.length < 2) return undefined;
  return {
    spec: request.specDigest,
    references: referencesOf(request),
    raw,
    parts,
    ...(csv && { header: [...csv.header], oddNumbers: csv.oddNumbers }),
  };
}

/** Parts that were checked against other references are other parts. */
const referencesOf = ({ references = {} }: RefineRequest): Digest =>
  digestOfJson(
    Object.entries(references).map(([dataset, manifest]) => [dataset, manifest ? versionOf(manifest.files) : null]),
  );

/** Below a prefix of its own, which expires and which no workspace can have: no version names what is in it. */
const stagingKey = ({ workspace, object, spec }: RefineRequest, plan: IngestionPlan, name: string): string =>
  `_staging/${workspace}/${spec.dataset}/${parseRawKey(object.key).uploadId}/${hexOf(digestOf(`${plan.spec}${plan.references}${plan.raw.sha256}`)).slice(0, 16)}/${name}`;

const reportKey = (request: RefineRequest, plan: IngestionPlan, index: number) =>
  stagingKey(request, plan, `part-${index}.json`);

export async function refinePart(
  workshop: Workshop,
  request: RefineRequest,
  plan: IngestionPlan,
  part: PlannedPart,
): Promise<void> {
  const { duckdb, curated } = workshop;
  if (await curated.head(reportKey(request, plan, part.index))) return;
  const { passed, exact } = await readRows(workshop, request, await openFound(workshop, request, plan, part));
  const { counts, sample, broken, unread } = await readBreaches(duckdb);
  const good = passed.parts.reduce((sum, { rows }) => sum + rows, 0);
  const report: RefinedPart = {
    rows: { given: good + unread, broken },
    counts,
    sample,
    sampleRows: exact.source ? await readBreachedRows(duckdb, exact.source, request.spec) : [],
    places: [],
  };
  for (const { place, files, rows } of passed.parts) {
    const keys: string[] = [];
    for (const file of files) {
      const { sha256 } = await digestOfFile(file);
      keys.push(stagingKey(request, plan, `${hexOf(sha256)}.parquet`));
      await curated.upload(keys.at(-1) as string, file, 'application/vnd.apache.parquet');
    }
    report.places.push({ place, keys, rows });
  }
  await curated.put(reportKey(request, plan, part.index), jsonBytes(report), 'application/json');
}

export async function finishParts(workshop: Workshop, request: RefineRequest, plan: IngestionPlan): Promise<Refined> {
  const { curated, duckdb } = workshop;
  await duckdb.run('CREATE TABLE breaches (_row BIGINT, name VARCHAR, value VARCHAR, rule VARCHAR, level VARCHAR)');
  const before: RefinedPart = { rows: { given: 0, broken: 0 }, counts: [], sample: [], sampleRows: [], places: [] };
  const parts = new Map<string, Part>();
  for (const { index } of plan.parts) {
    const bytes = await curated.get(reportKey(request, plan, index));
    if (!bytes) throw DataErrors.PartMissing(`part ${index} of ${request.object.key}: there is no report on it`);
    const report = parseJson<RefinedPart>(bytes);
    const behind = before.rows.given;
    const moved = <Row extends { row: number | null }>(row: Row) => ({ ...row, row: (row.row ?? 0) + behind });
    before.counts.push(...report.counts);
    before.sample.push(...report.sample.map(moved).slice(0, MAX_SAMPLE - before.sample.length));
    before.sampleRows.push(...report.sampleRows.map(moved).slice(0, MAX_ROWS_SHOWN - before.sampleRows.length));
    before.rows.given += report.rows.given;
    before.rows.broken += report.rows.broken;
    for (const { place, keys, rows } of report.places) {
      const part = parts.get(place) ?? { place, files: [], rows: 0 };
      part.files.push(...(await fetchStaged(curated, workshop.folder, keys)));
      part.rows += rows;
      parts.set(place, part);
    }
  }
  const raw = { bytes: plan.raw.bytes, sha256: plan.raw.sha256 as Digest };
  return settle(workshop, request, {
    raw,
    parts: [...parts.values()].sort((a, b) => (a.place > b.place ? -1 : 1)),
    before,
  });
}

async function fetchStaged(curated: ObjectStore, folder: string, keys: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const key of keys) {
    const name = key.split('/').at(-1) as string;
    files.push(join(folder, `staged-${name}`));
    const got = await curated.download(key, files.at(-1) as string);
    if (got && `${hexOf(got.sha256)}.parquet` === name) continue;
    throw DataErrors.PartMissing(`${key}: got ${got?.sha256 ?? 'nothing'}, expected what its name says`);
  }
  return files;
}
