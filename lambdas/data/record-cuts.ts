const NEWLINE = 0x0a;

/**
 * Where a text file can be cut between records, told from its bytes as they come: at the first end of a line outside
 * quotes behind every multiple of `every`. A quote inside a quoted text is written twice, so that two of them leave
 * things as they were.
 */
export class RecordCuts {
  /** Offsets of the first byte behind a cut. */
  readonly cuts: number[] = [];
  private readonly every: number;
  private readonly quote: number | undefined;
  private at = 0;
  private quoted = false;
  private next: number;

  /** @param quote the byte that begins and ends a quoted text; undefined where lines are records, whatever is in them */
  constructor(every: number, quote: number | undefined) {
    this.every = every;
    this.quote = quote;
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

  /** Counts the quotes of a stretch. */
  private pass(chunk: Buffer, from: number, to: number): void {
    if (this.quote === undefined) return;
    for (let i = chunk.indexOf(this.quote, from); i !== -1 && i < to; i = chunk.indexOf(this.quote, i + 1)) {
      this.quoted = !this.quoted;
    }
  }

  /** The place behind the next end of a record; undefined where the chunk ends first. */
  private find(chunk: Buffer, from: number): number | undefined {
    for (let i = from; i < chunk.length; i++) {
      if (chunk[i] === this.quote) this.quoted = !this.quoted;
      else if (chunk[i] === NEWLINE && !this.quoted) return i + 1;
    }
    return undefined;
  }
}
