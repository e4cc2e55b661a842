import { join } from 'node:path';
import type { Digest } from '../../shared/digest.ts';
import { checkHeader, HEADER_BYTES, readHeader } from '../csv-header.ts';
import { DataErrors } from '../errors.ts';
import { checkFileSize } from '../file-size.ts';
import type { IngestionPlan, PlannedPart } from '../ingestion-plan.ts';
import { isPrivate } from '../kept-value.ts';
import type { RefineRequest } from '../ports.ts';
import { delimiterOf, type FileType, fileType, isGzip } from '../raw-format.ts';
import { csvOfArrow } from './arrow-file.ts';
import { type CsvFile, csvSource } from './csv-source.ts';
import type { OpenFile } from './duckdb-source.ts';
import { jsonlSource } from './jsonl-source.ts';
import { parquetSource } from './parquet-source.ts';
import { inUtf8, mayHaveOddNumbers, startOf, unpacked } from './raw-file.ts';
import type { Workshop } from './workshop.ts';

/** A raw object in the folder, as what it is. */
export interface FoundRaw {
  raw: { bytes: number; sha256: Digest };
  type: FileType;
  file: string;
  csv?: CsvFile;
  /** Whether it can be read from the middle. */
  divisible: boolean;
}

const nameOf = ({ object }: RefineRequest): string => object.key.split('/').at(-1) ?? '';

async function fetch({ fetchRaw, folder }: Workshop, { object }: RefineRequest) {
  const file = join(folder, 'raw');
  const raw = await fetchRaw(object, file);
  if (!raw) throw DataErrors.RawObjectMissing(`key: got ${object.key}, the raw zone has no such object any more`);
  return { file, raw };
}

/** Fetches a raw object, unpacks it, and finds out how it is written. */
export async function findRaw(workshop: Workshop, request: RefineRequest): Promise<FoundRaw> {
  const { spec } = request;
  const { file, raw } = await fetch(workshop, request);
  checkFileSize(raw.bytes);
  const type = fileType(nameOf(request), spec.format);
  if (type === 'parquet') return { raw, type, file, divisible: true };
  if (type === 'arrow') {
    const arrow = await csvOfArrow(file, spec);
    const csv = { ...arrow, delimiter: ',', quote: '"', hasHeader: true, oddNumbers: true };
    return { raw, type, file: arrow.file, csv, divisible: false };
  }
  const { encoding } = spec.format ?? {};
  const divisible = !isGzip(await startOf(file, 2)) && (encoding ?? 'utf-8') === 'utf-8';
  const text = await inUtf8(await unpacked(file), encoding);
  if (type === 'jsonl') return { raw, type, file: text, divisible };
  const { delimiter, quote } = dialectOf(request);
  const { names, bytes } = readHeader(await startOf(text, HEADER_BYTES), {
    ...{ delimiter, quote, hidden: isPrivate(spec.columns) },
  });
  checkHeader(names, spec);
  const oddNumbers = await mayHaveOddNumbers(text, { delimiter, quote }, bytes);
  return {
    raw,
    type,
    file: text,
    csv: { file: text, header: names, delimiter, quote, hasHeader: true, oddNumbers },
    divisible,
  };
}

const dialectOf = (request: RefineRequest) => ({
  delimiter: delimiterOf(nameOf(request), request.spec.format),
  quote: request.spec.format?.quote ?? '"',
});

/** Fetches a whole raw object and opens it. */
export async function openRaw(
  workshop: Workshop,
  request: RefineRequest,
): Promise<{ raw: FoundRaw['raw']; open: OpenFile }> {
  const { raw, type, file, csv } = await findRaw(workshop, request);
  return { raw, open: csv ? csvSource(csv, request.spec) : await openTyped(workshop, request, type, file) };
}

const openTyped = async (
  { duckdb }: Workshop,
  { spec }: RefineRequest,
  type: FileType,
  file: string,
  part?: PlannedPart,
) => (type === 'jsonl' ? jsonlSource(file, spec) : parquetSource(duckdb, file, spec, part));

/** Fetches a part of a raw object, whose plan says how it is written, and opens it. */
export async function openFound(
  workshop: Workshop,
  request: RefineRequest,
  { header, oddNumbers = true }: IngestionPlan,
  part: PlannedPart,
): Promise<OpenFile> {
  const type = fileType(nameOf(request), request.spec.format);
  const range = type === 'parquet' ? undefined : { from: part.from, to: part.to };
  const { file } = await fetch(workshop, { ...request, object: { ...request.object, ...(range && { range }) } });
  if (!header) return openTyped(workshop, request, type, file, part);
  return csvSource({ file, header, ...dialectOf(request), hasHeader: part.from === 0, oddNumbers }, request.spec);
}
