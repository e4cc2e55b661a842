import { gunzipSync, gzipSync } from 'node:zlib';
import { type Column, MISSING, NO_CODE, numberColumn, type PackedTexts, TextColumn } from './index-column.ts';
import { emptyColumns, type RunColumns, RunIndex, STAGES } from './run-index.ts';

/** Raised with every change of the layout: a snapshot of another one is left aside and the runs are read. */
const VERSION = 2;
const MAGIC = 0x58_49_52_4d;
/** Typed arrays begin at multiples of their elements' size. */
const ALIGN = 8;

/** A section of the body: where it begins after the header, and its bytes. */
type Section = [at: number, length: number];
interface ColumnHead {
  kind: keyof RunColumns;
  key: string;
  /** Rows that have a value, where not all places of `values` are rows. */
  rows?: Section;
  values: Section;
  texts?: TextsHead;
}
interface TextsHead {
  encoding: PackedTexts['encoding'];
  offsets: Section;
  bytes: Section;
}
interface Head {
  version: number;
  position: number;
  size: number;
  runIds: TextsHead;
  columns: ColumnHead[];
}

/** Collects sections; what they hold is copied once, at the end. */
class Body {
  readonly #parts: [at: number, bytes: Uint8Array][] = [];
  length = 0;

  add(view: Float64Array | Int32Array | Uint32Array | Uint8Array): Section {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const section: Section = [this.length, bytes.length];
    this.#parts.push([this.length, bytes]);
    this.length += Math.ceil(bytes.length / ALIGN) * ALIGN;
    return section;
  }

  addTexts(texts: readonly string[]): TextsHead {
    const offsets = new Uint32Array(texts.length + 1);
    for (const [at, text] of texts.entries()) offsets[at + 1] = offsets[at]! + text.length;
    const all = texts.join('');
    // Two bytes a character only where a text has one beyond Latin-1: most names and values are ASCII.
    const encoding = /^[\0-\xff]*$/.test(all) ? 'latin1' : 'utf16le';
    return { encoding, offsets: this.add(offsets), bytes: this.add(Buffer.from(all, encoding)) };
  }

  writeTo(target: Uint8Array, start: number): void {
    for (const [at, bytes] of this.#parts) target.set(bytes, start + at);
  }
}

/** An index as bytes: little-endian sections that load as they are, in gzip's frame, whose checksum tells of damage. */
export function encodeIndex(index: RunIndex): Uint8Array {
  const body = new Body();
  const rows = livingRows(index);
  const columns: ColumnHead[] = [];
  for (const kind of ['metric', 'number'] as const) {
    for (const [key, column] of index.columns[kind]) columns.push({ kind, key, ...numbersHead(body, column, rows) });
  }
  for (const kind of ['parameter', 'tag', 'text'] as const) {
    for (const [key, column] of index.columns[kind]) columns.push({ kind, key, ...textsHead(body, column, rows) });
  }
  const runIds = body.addTexts(rows.map((row) => index.runIds[row]!));
  const head: Head = { version: VERSION, position: index.position, size: rows.length, runIds, columns };
  const headBytes = Buffer.from(JSON.stringify(head));
  const start = Math.ceil((8 + headBytes.length) / ALIGN) * ALIGN;
  const bytes = new Uint8Array(start + body.length);
  new DataView(bytes.buffer).setUint32(0, MAGIC, true);
  new DataView(bytes.buffer).setUint32(4, headBytes.length, true);
  bytes.set(headBytes, 8);
  body.writeTo(bytes, start);
  // The quickest level: halves what S3 moves, and twice the work would gain a tenth more.
  return gzipSync(bytes, { level: 1 });
}

/** The rows to keep; those of runs that are gone end here. */
function livingRows(index: RunIndex): number[] {
  const stages = index.numbers('attribute', 'stage');
  return index.runIds.map((_, row) => row).filter((row) => stages!.get(row) !== STAGES.gone);
}

function numbersHead(body: Body, column: Column, rows: readonly number[]): Pick<ColumnHead, 'rows' | 'values'> {
  if (column.dense) return { values: body.add(Float64Array.from(rows, (row) => column.get(row))) };
  const filled = rows.map((row, at) => [at, column.get(row)] as const).filter(([, value]) => value !== MISSING);
  return {
    rows: body.add(Int32Array.from(filled, ([at]) => at)),
    values: body.add(Float64Array.from(filled, ([, value]) => value)),
  };
}

/** Codes anew: texts that no row has any longer are left out, and each has one code. */
function textsHead(body: Body, column: TextColumn, rows: readonly number[]): Omit<ColumnHead, 'kind' | 'key'> {
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(rows.length);
  for (const [at, row] of rows.entries()) {
    const text = column.get(row);
    if (text === undefined) continue;
    let code = codeOf.get(text);
    if (code === undefined) {
      code = codeOf.size + 1;
      codeOf.set(text, code);
    }
    codes[at] = code;
  }
  const texts = body.addTexts([...codeOf.keys()]);
  if (column.codes.dense) return { values: body.add(codes), texts };
  const filled = Int32Array.from(codes.keys().filter((at) => codes[at] !== NO_CODE));
  return { rows: body.add(filled), values: body.add(Int32Array.from(filled, (at) => codes[at]!)), texts };
}

/** The index of a snapshot; undefined where it is damaged or of another version. */
export function decodeIndex(snapshot: Uint8Array): RunIndex | undefined {
  try {
    return indexOf(alignedBytes(gunzipSync(snapshot)));
  } catch {
    // Whatever is wrong with it, the runs themselves say the same.
    return undefined;
  }
}

function alignedBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % ALIGN === 0 ? bytes : new Uint8Array(bytes);
}

function indexOf(bytes: Uint8Array): RunIndex | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  const headLength = view.getUint32(4, true);
  const head = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headLength)).toString()) as Head;
  if (head.version !== VERSION) return undefined;
  const start = bytes.byteOffset + Math.ceil((8 + headLength) / ALIGN) * ALIGN;
  const sections = {
    int32: ([at, length]: Section) => new Int32Array(bytes.buffer, start + at, length / 4),
    uint32: ([at, length]: Section) => new Uint32Array(bytes.buffer, start + at, length / 4),
    float64: ([at, length]: Section) => new Float64Array(bytes.buffer, start + at, length / 8),
    bytes: ([at, length]: Section) => new Uint8Array(bytes.buffer, start + at, length),
  };
  const packed = ({ encoding, offsets, bytes: text }: TextsHead): PackedTexts => ({
    encoding,
    offsets: sections.uint32(offsets),
    bytes: sections.bytes(text),
  });
  const columns = emptyColumns();
  for (const { kind, key, rows, values, texts } of head.columns) {
    if (texts) {
      const column = new TextColumn(packed(texts));
      fill(column.codes, rows && sections.int32(rows), sections.int32(values));
      columns[kind as 'tag'].set(key, column);
    } else {
      const column = numberColumn();
      fill(column, rows && sections.int32(rows), sections.float64(values));
      columns[kind as 'metric'].set(key, column);
    }
  }
  const ids = new TextColumn(packed(head.runIds));
  const runIds = Array.from({ length: head.size }, (_, row) => ids.textOf(row + 1)!);
  return new RunIndex(head.position, runIds, columns);
}

function fill<Dense extends Float64Array | Int32Array>(
  column: Column<Dense>,
  rows: Int32Array | undefined,
  values: Dense,
) {
  if (!rows) column.dense = values;
  else {
    column.rows = [...rows];
    column.values = [...values];
  }
}
