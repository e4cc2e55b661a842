import type { ColumnType, DatasetSpec } from './dataset-spec.ts';
import { identityOf } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';

/** A record that is not even kept, by its place in the request, from 0. Every other one is taken and then checked. */
export interface RefusedRecord {
  index: number;
  /** The column, or `record` where it is about all of it. */
  field: string;
  /** At most 80 characters of it as JSON; null where there is nothing. */
  value: string | null;
  rule: string;
}

export interface CheckedRecords {
  /** The good ones in the request's order, one line of JSON each. */
  lines: string[];
  refused: RefusedRecord[];
}

export const MAX_RECORDS = 5000;
/** In bytes of UTF-8. A chunk of the buffer has room for two of them. */
export const MAX_RECORD_BYTES = 128 * 1024;
/** Of a request's records, in bytes of UTF-8: its chunks are written in one transaction, which takes 4 MB. */
export const MAX_BATCH_BYTES = 2 * 1024 * 1024;

/**
 * The columns that make a record known again.
 * @throws DatasetWithoutIdentity: nothing could tell a repeated record from a second one
 * @throws DatasetIsSnapshot: a few records would be all that is left of it
 */
function requireIdentity({ dataset, columns, snapshot }: DatasetSpec): string[] {
  if (snapshot) {
    throw DataErrors.DatasetIsSnapshot(
      `dataset ${dataset}: each upload is the whole dataset, records are added to one`,
    );
  }
  const identity = identityOf(columns);
  if (identity.length > 0) return identity;
  throw DataErrors.DatasetWithoutIdentity(
    `dataset ${dataset}: has no key, and no group with a timestamp; records are taken once by their identity`,
  );
}

/**
 * Which records can be kept, and as what. Messages about the whole request never quote it: they stand in logs.
 * @throws DatasetWithoutIdentity, DatasetIsSnapshot, RecordsInvalid
 */
export function checkRecords(spec: DatasetSpec, records: unknown): CheckedRecords {
  const identity = requireIdentity(spec);
  if (!Array.isArray(records)) throw DataErrors.RecordsInvalid('records: got no list, expected a list of objects');
  if (records.length === 0 || records.length > MAX_RECORDS) {
    throw DataErrors.RecordsInvalid(`records: got ${records.length}, expected 1 to ${MAX_RECORDS}`);
  }
  const lines: string[] = [];
  const refused: RefusedRecord[] = [];
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const line = JSON.stringify(record);
    const complaint = complaintAbout(record, line, identity, spec.columns);
    if (complaint) {
      refused.push({ index, ...complaint });
      continue;
    }
    lines.push(line);
    bytes += Buffer.byteLength(line) + 1;
  }
  if (bytes <= MAX_BATCH_BYTES) return { lines, refused };
  throw DataErrors.RecordsInvalid(
    `records: got ${bytes} bytes, expected at most ${MAX_BATCH_BYTES}; send fewer at once`,
  );
}

type Complaint = Omit<RefusedRecord, 'index'>;

function complaintAbout(
  record: unknown,
  line: string,
  identity: readonly string[],
  columns: DatasetSpec['columns'],
): Complaint | undefined {
  const about = (field: string, value: unknown, rule: string): Complaint => ({ field, value: shown(value), rule });
  if (!isObject(record)) return about('record', record, 'a record is a JSON object');
  const bytes = Buffer.byteLength(line);
  if (bytes > MAX_RECORD_BYTES) return about('record', `${bytes} bytes`, `at most ${MAX_RECORD_BYTES} bytes`);
  const infinite = tooLargeNumber(record);
  if (infinite !== undefined) return about(infinite, 'a number beyond 1.8e308', 'a number that a double can hold');
  for (const name of identity) {
    const value = Object.hasOwn(record, name) ? record[name] : null;
    if (value === null || value === '') return about(name, value, 'names the record, so it is not empty');
    const { type } = columns[name] as { type: ColumnType };
    if (!KEY_FORMS[type].matches(value)) return about(name, value, KEY_FORMS[type].rule);
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The field with a number that parsing made infinite, which JSON would then write as null: a value lost unseen. */
export function tooLargeNumber(record: Record<string, unknown>): string | undefined {
  const holds = (value: unknown): boolean =>
    typeof value === 'number'
      ? !Number.isFinite(value)
      : value !== null && typeof value === 'object' && Object.values(value).some(holds);
  return Object.keys(record).find((name) => holds(record[name]));
}

interface KeyForm {
  matches: (value: unknown) => boolean;
  rule: string;
}
const written = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

/** What can stand for a key at all; whether a day exists and what else the spec asks is the ingestion's to check. */
const KEY_FORMS: Record<ColumnType, KeyForm> = {
  string: { matches: (value) => typeof value === 'string', rule: 'a text' },
  integer: {
    matches: (value) => Number.isSafeInteger(value) || written(/^[+-]?\d{1,16}$/)(value),
    rule: 'a whole number of at most 2^53 - 1',
  },
  double: {
    matches: (value) => typeof value === 'number' || written(/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i)(value),
    rule: 'a number',
  },
  boolean: {
    matches: (value) => typeof value === 'boolean' || written(/^(true|false)$/i)(value),
    rule: 'true or false',
  },
  date: { matches: written(/^\d{4}-\d{2}-\d{2}$/), rule: 'a day as yyyy-mm-dd' },
  timestamp: {
    matches: written(/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z?$/),
    rule: 'a UTC time as yyyy-mm-ddThh:mm:ssZ',
  },
};

function shown(value: unknown): string | null {
  const text = JSON.stringify(value) ?? 'null';
  if (text === 'null') return null;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
