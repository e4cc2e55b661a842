import { join } from 'node:path';
import { checkHeader, HEADER_BYTES, readHeader } from '../csv-header.ts';
import { DataErrors } from '../errors.ts';
import { checkFileSize } from '../file-size.ts';
import type { FetchRaw, RefineRequest } from '../ports.ts';
import { delimiterOf, fileType } from '../raw-format.ts';
import { csvOfArrow } from './arrow-file.ts';
import { csvSource } from './csv-source.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { OpenFile } from './duckdb-source.ts';
import { jsonlSource } from './jsonl-source.ts';
import { parquetSource } from './parquet-source.ts';
import { inUtf8, mayHaveOddNumbers, startOf, unpacked } from './raw-file.ts';

export interface OpenRaw {
  raw: { bytes: number; sha256: `sha256:${string}` };
  open: OpenFile;
}

/** Fetches a raw object into the folder, and opens it as what it is. */
export async function openRaw(
  duckdb: DuckdbSession,
  fetchRaw: FetchRaw,
  { object, spec }: Pick<RefineRequest, 'object' | 'spec'>,
  folder: string,
): Promise<OpenRaw> {
  const fetched = join(folder, 'raw');
  const raw = await fetchRaw(object, fetched);
  if (!raw) throw DataErrors.RawObjectMissing(`key: got ${object.key}, the raw zone has no such object any more`);
  checkFileSize(raw.bytes);
  const fileName = object.key.split('/').at(-1) ?? '';
  const type = fileType(fileName, spec.format);
  if (type === 'parquet') return { raw, open: await parquetSource(duckdb, fetched, spec) };
  if (type === 'arrow') {
    const { file, header } = await csvOfArrow(fetched, spec);
    const csv = { file, header, delimiter: ',', quote: '"', hasHeader: true, oddNumbers: true };
    return { raw, open: csvSource(csv, spec) };
  }
  const text = await inUtf8(await unpacked(fetched), spec.format?.encoding);
  if (type === 'jsonl') return { raw, open: jsonlSource(text, spec) };
  const [delimiter, quote] = [delimiterOf(fileName, spec.format), spec.format?.quote ?? '"'];
  const { names, bytes } = readHeader(await startOf(text, HEADER_BYTES), { delimiter, quote });
  checkHeader(names, spec);
  const oddNumbers = await mayHaveOddNumbers(text, delimiter, bytes);
  return { raw, open: csvSource({ file: text, header: names, delimiter, quote, hasHeader: true, oddNumbers }, spec) };
}
