import { columnNames, type DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { isPrivate } from './kept-value.ts';

/** A file's first line is looked for in this many bytes. */
export const HEADER_BYTES = 1024 * 1024;
/** Far above any spec: a table this wide is some other file, and reading it is work without end. */
export const MAX_FILE_COLUMNS = 5000;

export interface Header {
  /** In the file's order. */
  names: string[];
  /** Of the line with its end. */
  bytes: number;
}

interface Dialect {
  /** @default , */
  delimiter?: string;
  /** @default " */
  quote?: string;
  /** Whether messages may not quote the line: the first one of a file without a header is somebody's row. @default false */
  hidden?: boolean;
}

/**
 * The names in a CSV's first line.
 * @param start the file's first bytes, at most HEADER_BYTES of them
 * @throws CsvUnparsable when that line is no text, has no end, or a quote without its partner
 */
export function readHeader(start: Uint8Array, { delimiter = ',', quote = '"', hidden = false }: Dialect = {}): Header {
  const end = start.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  if (end === -1 && start.length >= HEADER_BYTES) {
    throw DataErrors.CsvUnparsable(
      `header: got no end of line in the first ${HEADER_BYTES} bytes, expected a CSV file`,
    );
  }
  const names = fields(decode(end === -1 ? start : start.subarray(0, end)), delimiter, quote, hidden);
  if (names.length > MAX_FILE_COLUMNS) {
    throw DataErrors.HeaderMismatch(`header: got ${names.length} columns, at most ${MAX_FILE_COLUMNS} are read`);
  }
  return { names, bytes: end === -1 ? start.length : end + 1 + (start[end + 1] === 0x0a ? 1 : 0) };
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

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&');

function fields(line: string, delimiter: string, quote: string, hidden: boolean): string[] {
  const found: string[] = [];
  const [d, q] = [escaped(delimiter), escaped(quote)];
  const field = new RegExp(`(?:${q}((?:[^${q}]|${q}${q})*)${q}|([^${q}${d}]*))(?:${d}|$)`, 'y');
  while (field.lastIndex <= line.length) {
    const at = field.lastIndex;
    const match = field.exec(line);
    if (!match) {
      const got = hidden ? `a line that cannot be read at character ${at + 1}` : shown(line.slice(at));
      throw DataErrors.CsvUnparsable(`header: got ${got}, a quote there has no partner`);
    }
    found.push((match[1]?.replaceAll(quote + quote, quote) ?? match[2] ?? '').trim());
    if (!match[0].endsWith(delimiter)) break;
  }
  return found;
}

/**
 * Every column of the spec once, and others only where the spec ignores them; their order is the file's own affair.
 * @throws HeaderMismatch
 */
export function checkHeader(
  header: readonly string[],
  { columns, format }: Pick<DatasetSpec, 'columns' | 'format'>,
): void {
  const expected = columnNames(columns);
  const given = new Set(header);
  const missing = expected.filter((name) => !given.has(name));
  const unknown = format?.unknownColumns === 'ignore' ? [] : header.filter((name) => !Object.hasOwn(columns, name));
  const repeated = given.size === header.length ? [] : header.filter((name, i) => header.indexOf(name) !== i);
  // A file of people without a header has a person in its first line.
  const hidden = isPrivate(columns);
  const named = (names: readonly string[]) =>
    hidden
      ? names.map((name) => (Object.hasOwn(columns, name) ? shown(name) : `column ${header.indexOf(name) + 1}`))
      : names.map(shown);
  const complaints = [
    missing.length > 0 && `lacks ${missing.map(shown).join(', ')}`,
    unknown.length > 0 && `has ${named(unknown.slice(0, 20)).join(', ')} which the spec does not name`,
    repeated.length > 0 && `repeats ${named(repeated.slice(0, 20)).join(', ')}`,
  ].filter(Boolean);
  if (complaints.length === 0) return;
  throw DataErrors.HeaderMismatch(
    `header: got ${hidden ? `${header.length} columns` : shown(header.join(','))}, which ${complaints.join(' and ')}; expected the columns ${expected.join(', ')}${hint(header, expected)}`,
  );
}

/** A file with another separator has one column, whose name has all the names in it. */
function hint(header: readonly string[], expected: readonly string[]): string {
  const [only = ''] = header;
  const separator = [';', '\t', '|', ','].find(
    (each) => only.includes(each) && only.split(each).some((name) => expected.includes(name.trim())),
  );
  return header.length === 1 && separator
    ? `; it looks as if ${JSON.stringify(separator)} separated its fields (format.delimiter of the spec)`
    : '';
}

const shown = (text: string) => JSON.stringify(text.length > 200 ? `${text.slice(0, 197)}...` : text);
