import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type DataType, RecordBatchReader, Type } from 'apache-arrow';
import { checkHeader } from '../csv-header.ts';
import type { DatasetSpec } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';

/**
 * An Arrow IPC file or stream as a CSV beside it, one record batch in memory at a time. As text it goes the way of every
 * other file, so that the same rules hold for it.
 * @throws ArrowUnreadable, HeaderMismatch
 */
export async function csvOfArrow(
  file: string,
  spec: Pick<DatasetSpec, 'columns' | 'format'>,
): Promise<{ file: string; header: string[] }> {
  const csv = `${file}.csv`;
  const output = await open(csv, 'w');
  let header: string[] | undefined;
  try {
    const reader = await RecordBatchReader.from(createReadStream(file));
    await reader.open();
    header = reader.schema.fields.map(({ name }) => name);
    checkHeader(header, spec);
    const texts = reader.schema.fields.map(({ type }) => textOf(type));
    await output.write(`${header.map(quoted).join(',')}\n`);
    for await (const batch of reader) {
      const columns = batch.schema.fields.map((_, i) => batch.getChildAt(i));
      let lines = '';
      for (let row = 0; row < batch.numRows; row++) {
        lines += columns.map((column, i) => fieldOf(column?.get(row), texts[i] as Text)).join(',');
        lines += '\n';
        if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) {
          await output.write(lines);
          lines = '';
        }
      }
      if (lines !== '') await output.write(lines);
    }
  } catch (cause) {
    if (cause instanceof Error && 'kind' in cause) throw cause;
    throw DataErrors.ArrowUnreadable(
      `file: got bytes that are no whole Arrow file (${(cause as Error).message.split('\n')[0]?.slice(0, 200)})`,
      { cause },
    );
  } finally {
    await output.close();
  }
  return { file: csv, header };
}

/** A batch may be the whole file; its text need not be. */
const ROWS_AT_ONCE = 10_000;

type Text = (value: unknown) => string;

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
/** An empty field is how a CSV says that there is nothing. */
const fieldOf = (value: unknown, text: Text): string =>
  value === null || value === undefined ? '' : quoted(text(value));

/** Microseconds since 1970 as an ISO 8601 time. */
function isoOfMicros(micros: bigint): string {
  const seconds = Number(micros / 1_000_000n) - (micros % 1_000_000n < 0n ? 1 : 0);
  const rest = micros - BigInt(seconds) * 1_000_000n;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(rest).padStart(6, '0')}`;
}

/** Arrow's own reader gives days and times as milliseconds, with a fraction where the unit is finer. */
function textOf(type: DataType): Text {
  switch (type.typeId) {
    case Type.Date:
    case Type.DateDay:
    case Type.DateMillisecond:
      return (value) => new Date(Number(value)).toISOString().slice(0, 10);
    case Type.Timestamp:
    case Type.TimestampSecond:
    case Type.TimestampMillisecond:
    case Type.TimestampMicrosecond:
    case Type.TimestampNanosecond:
      return (value) => isoOfMicros(BigInt(Math.round(Number(value) * 1000)));
    case Type.Dictionary:
      return textOf((type as unknown as { dictionary: DataType }).dictionary);
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Int:
    case Type.Float:
    case Type.Bool:
      return String;
    default:
      throw DataErrors.ColumnTypeMismatch(
        `file: got a column of Arrow type ${type}, expected text, numbers, booleans, days or times`,
      );
  }
}
