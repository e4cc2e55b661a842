const NEWLINE = 0x0a;
const RETURN = 0x0d;

interface Dialect {
  /** The bytes that begin and end a quoted text, and that part fields. */
  quote: number;
  delimiter: number;
}

/**
 * Where a text file can be cut between records, told from its bytes as they come: at the first end of a line outside
 * quotes behind every multiple of `every`. A quote begins a quoted text only where a field begins; anywhere else in a
 * field it is a character like others. Inside, two of them are one, so that they close and open it again.
 */
export class RecordCuts {
  /** Offsets of the first byte behind a cut. */
  readonly cuts: number[] = [];
  private readonly every: number;
  private readonly dialect: Dialect | undefined;
  private at = 0;
  private quoted = false;
  /** The byte before, and whether it closed a quoted text. */
  private last = NEWLINE;
  private closed = false;
  private next: number;

  /** @param dialect undefined where lines are records, whatever is in them */
  constructor(every: number, dialect: Dialect | undefined) {
    this.every = every;
    this.dialect = dialect;
    this.next = every;
  }

  add(chunk: Buffer): void {
    let from = 0;
    while (from < chunk.length) {
      const wanted = Math.max(this.next - 1 - this.at, from);
      if (wanted >= chunk.length) {
        this.pass(chunk, from, chunk.length);
        break;
      }
      this.pass(chunk, from, wanted);
      const cut = this.find(chunk, wanted);
      if (cut === undefined) break;
      this.cuts.push(this.at + cut);
      this.next = this.at + cut + this.every;
      from = cut;
    }
    this.at += chunk.length;
  }

  /** Goes from quote to quote of a stretch: what lies between changes nothing. */
  private pass(chunk: Buffer, from: number, to: number): void {
    if (!this.dialect || from >= to) return;
    let seen = from;
    for (
      let i = chunk.indexOf(this.dialect.quote, from);
      i !== -1 && i < to;
      i = chunk.indexOf(this.dialect.quote, i + 1)
    ) {
      if (i > seen) this.skip(chunk[i - 1] as number);
      this.meet(this.dialect.quote);
      seen = i + 1;
    }
    if (seen < to) this.skip(chunk[to - 1] as number);
  }

  private skip(last: number): void {
    this.last = last;
    this.closed = false;
  }

  private meet(byte: number): void {
    if (this.dialect && byte === this.dialect.quote) {
      const begins =
        this.last === this.dialect.delimiter || this.last === NEWLINE || this.last === RETURN || this.closed;
      this.closed = this.quoted;
      this.quoted = !this.quoted && begins;
    } else this.closed = false;
    this.last = byte;
  }

  /** The place behind the next end of a record; undefined where the chunk ends first. */
  private find(chunk: Buffer, from: number): number | undefined {
    for (let i = from; i < chunk.length; i++) {
      this.meet(chunk[i] as number);
      if (chunk[i] === NEWLINE && !this.quoted) return i + 1;
    }
    return undefined;
  }
}
