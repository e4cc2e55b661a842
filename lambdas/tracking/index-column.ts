/** Stands for no value in a column of numbers. Infinite metrics are kept as the largest double, so it is free. */
export const MISSING = -Infinity;
/** Stands for no value in a column of codes. */
export const NO_CODE = 0;

/** A sparse column turns dense when at least one row in so many has a value: 8 bytes a row then beat 16 a value. */
const DENSE_FROM = 4;
/** Sparse columns this small stay as they are, whatever their share. */
const SMALL = 64;

/** Numbers by row; sparse while few rows have one. */
export class Column<Dense extends Float64Array | Int32Array = Float64Array | Int32Array> {
  /** Rows past its end have no value. */
  dense: Dense | undefined;
  /** Ascending rows that have a value, and the values. */
  rows: number[] = [];
  values: number[] = [];
  readonly missing: number;
  readonly #make: (length: number) => Dense;

  constructor(make: (length: number) => Dense, missing: number) {
    this.#make = make;
    this.missing = missing;
  }

  get(row: number): number {
    if (this.dense) return row < this.dense.length ? this.dense[row]! : this.missing;
    const at = this.#place(row);
    return this.rows[at] === row ? this.values[at]! : this.missing;
  }

  /** @param total Rows of the index, this one among them */
  set(row: number, value: number, total: number): void {
    if (this.dense) this.#setDense(this.dense, row, value, total);
    else this.#setSparse(row, value, total);
  }

  get bytes(): number {
    return this.dense ? this.dense.byteLength : this.rows.length * 16 + 100;
  }

  #setDense(dense: Dense, row: number, value: number, total: number): void {
    if (row >= dense.length) {
      if (value === this.missing) return;
      const grown = this.#make(Math.max(total, Math.ceil(total * 1.25))).fill(this.missing) as Dense;
      grown.set(dense);
      this.dense = grown;
    }
    this.dense![row] = value;
  }

  #setSparse(row: number, value: number, total: number): void {
    const at = this.#place(row);
    const isThere = this.rows[at] === row;
    if (value === this.missing) {
      if (isThere) {
        this.rows.splice(at, 1);
        this.values.splice(at, 1);
      }
    } else if (isThere) this.values[at] = value;
    else if (at === this.rows.length) {
      this.rows.push(row);
      this.values.push(value);
    } else {
      this.rows.splice(at, 0, row);
      this.values.splice(at, 0, value);
    }
    if (this.rows.length > SMALL && this.rows.length * DENSE_FROM > total) this.#densify(total);
  }

  #densify(total: number): void {
    const dense = this.#make(Math.ceil(total * 1.25)).fill(this.missing) as Dense;
    for (const [at, row] of this.rows.entries()) dense[row] = this.values[at]!;
    this.dense = dense;
    this.rows = [];
    this.values = [];
  }

  /** Where a row is among `rows`, or would be. New rows come last, so the end is looked at first. */
  #place(row: number): number {
    let high = this.rows.length;
    if (high === 0 || this.rows[high - 1]! < row) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export const numberColumn = (): Column<Float64Array> => new Column((length) => new Float64Array(length), MISSING);
const codeColumn = (): Column<Int32Array> => new Column((length) => new Int32Array(length), NO_CODE);

/** Texts as they lie in a snapshot: end to end, cut apart when a search first needs them. */
export interface PackedTexts {
  bytes: Uint8Array;
  encoding: 'latin1' | 'utf16le';
  /** Where each text begins, in characters, and where the last one ends. */
  offsets: Uint32Array;
}

/**
 * Texts by row, as codes into a dictionary. A text may have two codes, one of the snapshot and one given since: that
 * spares a map of all texts, and nothing asks whether codes are equal without asking for the texts.
 */
export class TextColumn {
  readonly codes = codeColumn();
  #packed: PackedTexts | undefined;
  #unpacked: string[] = [];
  readonly #packedCount: number;
  readonly #added: string[] = [];
  readonly #codeOf = new Map<string, number>();
  #addedCharacters = 0;

  constructor(packed?: PackedTexts) {
    this.#packed = packed;
    this.#packedCount = packed ? packed.offsets.length - 1 : 0;
  }

  /** Codes run from 1 to this. */
  get size(): number {
    return this.#packedCount + this.#added.length;
  }

  textOf(code: number): string | undefined {
    if (code === NO_CODE) return undefined;
    if (code > this.#packedCount) return this.#added[code - this.#packedCount - 1];
    this.#unpack();
    return this.#unpacked[code - 1];
  }

  get(row: number): string | undefined {
    return this.textOf(this.codes.get(row));
  }

  set(row: number, text: string | undefined, total: number): void {
    this.codes.set(row, text === undefined ? NO_CODE : this.#coded(row, text), total);
  }

  #coded(row: number, text: string): number {
    const before = this.codes.get(row);
    // A run that did not change keeps its codes: the dictionary grows by changes only.
    if (this.textOf(before) === text) return before;
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      this.#added.push(text);
      this.#addedCharacters += text.length;
      code = this.size;
      this.#codeOf.set(text, code);
    }
    return code;
  }

  get bytes(): number {
    const packed = (this.#packed?.bytes.byteLength ?? 0) + this.#packedCount * 4;
    return this.codes.bytes + packed + this.#unpacked.length * 32 + this.#addedCharacters + this.#added.length * 100;
  }

  /** One decoding and many cuts: the pieces share its memory. */
  #unpack(): void {
    if (!this.#packed) return;
    const { bytes, encoding, offsets } = this.#packed;
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
    const texts = new Array<string>(offsets.length - 1);
    for (let at = 0; at < texts.length; at++) texts[at] = all.slice(offsets[at]!, offsets[at + 1]!);
    this.#unpacked = texts;
    this.#packed = undefined;
  }
}
