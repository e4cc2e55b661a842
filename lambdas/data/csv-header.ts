import { columnNames, type DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';

/** A file's first line is looked for in this many bytes. */
export const HEADER_BYTES = 64 * 1024;

/**
 * The names in a CSV's first line, in the file's order.
 * @param start the file's first bytes, at most HEADER_BYTES of them
 * @throws CsvUnparsable when that line is no text, has no end, or a quote without its partner
 */
export function readHeader(start: Uint8Array): string[] {
  const end = start.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  if (end === -1 && start.length >= HEADER_BYTES) {
    throw DataErrors.CsvUnparsable(
      `header: got no end of line in the first ${HEADER_BYTES} bytes, expected a CSV file`,
    );
  }
  return fields(decode(end === -1 ? start : start.subarray(0, end)));
}

function decode(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw DataErrors.CsvUnparsable('header: got bytes that are not UTF-8, expected a CSV file in UTF-8', { cause });
  }
  if (text.includes('\0')) {
    throw DataErrors.CsvUnparsable('header: got zero bytes between characters, expected a CSV file in UTF-8');
  }
  return text;
}

function fields(line: string): string[] {
  const found: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/y;
  while (field.lastIndex <= line.length) {
    const at = field.lastIndex;
    const match = field.exec(line);
    if (!match) throw DataErrors.CsvUnparsable(`header: got ${shown(line.slice(at))}, a quote there has no partner`);
    found.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
    if (!match[0].endsWith(',')) break;
  }
  return found;
}

/**
 * Every column of the spec once and nothing else; their order is the file's own affair.
 * @throws HeaderMismatch
 */
export function checkHeader(header: readonly string[], { columns }: Pick<DatasetSpec, 'columns'>): void {
  const expected = columnNames(columns);
  const missing = expected.filter((name) => !header.includes(name));
  const unknown = header.filter((name) => !Object.hasOwn(columns, name));
  const repeated = header.filter((name, i) => header.indexOf(name) !== i);
  const complaints = [
    missing.length > 0 && `lacks ${missing.map(shown).join(', ')}`,
    unknown.length > 0 && `has ${unknown.slice(0, 20).map(shown).join(', ')} which the spec does not name`,
    repeated.length > 0 && `repeats ${repeated.map(shown).join(', ')}`,
  ].filter(Boolean);
  if (complaints.length === 0) return;
  throw DataErrors.HeaderMismatch(
    `header: got ${shown(header.join(','))}, which ${complaints.join(' and ')}; expected the columns ${expected.join(', ')}`,
  );
}

const shown = (text: string) => JSON.stringify(text.length > 200 ? `${text.slice(0, 197)}...` : text);
