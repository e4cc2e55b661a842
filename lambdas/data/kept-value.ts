import type { Column, DatasetSpec } from './dataset-spec.ts';
import { sqlName, sqlText } from './sql-text.ts';

/** DuckDB variables that hold the dataset's key as HMAC uses it: never in the text of a statement, so never in an error. */
export const INNER_KEY = 'millrace_inner_key';
export const OUTER_KEY = 'millrace_outer_key';

const BLOCK_BYTES = 64;

/** The two padded keys of HMAC-SHA256 (RFC 2104) for a key of at most 64 bytes. */
export function paddedKeys(key: Uint8Array): { inner: Uint8Array; outer: Uint8Array } {
  if (key.length > BLOCK_BYTES) throw new RangeError(`key: got ${key.length} bytes, at most ${BLOCK_BYTES} are taken`);
  const padded = (byte: number) => Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ byte);
  return { inner: padded(0x36), outer: padded(0x5c) };
}

/** HMAC-SHA256 of a text's UTF-8 under the dataset's key, as 64 hex digits. */
const pseudonymOf = (text: string): string =>
  `sha256(getvariable('${OUTER_KEY}') || unhex(sha256(getvariable('${INNER_KEY}') || encode(${text}))))`;

/** The first 32 bits of 64 hex digits, as a whole number. */
const first32Bits = (hex: string): string => `('0x' || left(${hex}, 8))::UBIGINT`;

/** What of a value is kept, as SQL over the columns of the row as they came, typed. */
export function keptValue(name: string, columns: DatasetSpec['columns']): string {
  const { type, privacy } = columns[name] as Column;
  const value = sqlName(name);
  switch (privacy?.action) {
    case undefined:
    case 'drop':
      return value;
    case 'pseudonym':
      return pseudonymOf(type === 'string' ? value : `${value}::VARCHAR`);
    case 'round':
      return `TRY_CAST(floor(${value} / ${privacy.to}) * ${privacy.to} AS ${type === 'integer' ? 'BIGINT' : 'DOUBLE'})`;
    case 'prefix':
      return `left(${value}, ${privacy.characters})`;
    case 'truncate':
      return `date_trunc('${privacy.to}', ${value})::${type === 'date' ? 'DATE' : 'TIMESTAMP'}`;
    case 'shift': {
      const drawn = first32Bits(pseudonymOf(`'shift/' || ${sqlName(privacy.subject)}::VARCHAR`));
      // One of -days … -1, 1 … days: 0 would leave the true day.
      const step = `(${drawn} % ${2 * privacy.days})::BIGINT - ${privacy.days}`;
      const days = `(CASE WHEN ${step} < 0 THEN ${step} ELSE ${step} + 1 END)::INTEGER`;
      return `TRY_CAST(TRY(${value} + to_days(${days})) AS ${type === 'date' ? 'DATE' : 'TIMESTAMP'})`;
    }
  }
}

/** Whether anything of a dataset may be shown only under its key, or not at all. */
export const isPrivate = (columns: DatasetSpec['columns']): boolean =>
  Object.values(columns).some(({ privacy }) => privacy !== undefined);

export const needsKey = (columns: DatasetSpec['columns']): boolean =>
  Object.values(columns).some(({ privacy }) => privacy?.action === 'pseudonym' || privacy?.action === 'shift');

/** What a report shows in the place of a value that is not kept as it is. */
export const WITHHELD = '(withheld)';

/** What a report may show of the text that a value came as. */
export function shownValue(name: string, columns: DatasetSpec['columns'], text: string, characters: number): string {
  const { privacy } = columns[name] as Column;
  if (privacy === undefined) return `left(${text}, ${characters})`;
  const hidden = privacy.action === 'pseudonym' ? pseudonymOf(text) : sqlText(WITHHELD);
  return `CASE WHEN ${text} IS NULL THEN NULL ELSE ${hidden} END`;
}
