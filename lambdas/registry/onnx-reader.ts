import type { FieldKind, MessageSchema } from './onnx-schema.ts';
import { ScanErrors } from './scan-errors.ts';

/** A part of the file: a message, a text or a number, as offsets, so that nothing is copied. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One field; for a packed list, one call an element. */
export type Visit = (field: string, start: number, end: number) => void;

const KINDS: Readonly<Record<number, FieldKind>> = { 0: 'varint', 1: 'fixed64', 2: 'bytes', 5: 'fixed32' };
const FATAL = new TextDecoder('utf-8', { fatal: true });

/** Reads one file strictly: whatever two protobuf readers could take differently is refused. */
export class OnnxReader {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /**
   * Visits the fields of a message in file order.
   * @throws ModelFileMalformed for a field that is cut short, unknown, of another kind, or given twice where one is meant
   */
  visit(schema: MessageSchema, { start, end }: Span, visit: Visit): void {
    let seen = 0;
    let at = start;
    while (at < end) {
      const tagEnd = this.#varintEnd(at, end, schema.name);
      // A tag of three bytes or more is a field number of 2,048 or more.
      const tag = tagEnd - at > 2 ? 0 : this.#smallVarint(at, tagEnd);
      const number = tag >>> 3;
      const field = number < 32 ? schema.fields[number] : undefined;
      if (field === undefined) throw this.#malformed(schema.name, at, `field ${number || 'number'} is not known`);
      const kind = KINDS[tag & 7];
      const packed = kind === 'bytes' && field.kind !== 'bytes' && field.repeated;
      if (kind !== field.kind && !packed) {
        throw this.#malformed(schema.name, at, `${field.name} has wire type ${tag & 7}, expected ${field.kind}`);
      }
      if (!field.repeated) {
        if (seen & (1 << number)) throw this.#malformed(schema.name, at, `${field.name} is given twice`);
        seen |= 1 << number;
      }
      let first = tagEnd;
      if (kind === 'bytes') {
        first = this.#varintEnd(tagEnd, end, schema.name);
        at = first + this.integer(tagEnd, first);
        if (at > end || at < first) throw this.#malformed(schema.name, tagEnd, `${field.name} ends beyond its message`);
      } else {
        at = this.#elementEnd(kind!, first, end, schema.name);
      }
      if (packed) this.#visitPacked(schema.name, field.name, field.kind, { start: first, end: at }, visit);
      else visit(field.name, first, at);
    }
  }

  /** A varint as a whole number. @throws ModelFileMalformed beyond ±2⁵³ */
  integer(start: number, end: number): number {
    if (end - start < 5) return this.#smallVarint(start, end);
    let value = 0n;
    for (let i = end - 1; i >= start; i--) value = (value << 7n) | BigInt(this.bytes[i]! & 127);
    const number = Number(BigInt.asIntN(64, value));
    if (!Number.isSafeInteger(number)) throw this.#malformed('number', start, `${number} is beyond ±2^53`);
    return number;
  }

  /** @throws ModelFileMalformed for bytes that are not UTF-8 */
  text(start: number, end: number): string {
    try {
      return FATAL.decode(this.bytes.subarray(start, end));
    } catch (cause) {
      throw ScanErrors.ModelFileMalformed(`text at byte ${start}: expected UTF-8`, { cause });
    }
  }

  #visitPacked(message: string, field: string, kind: FieldKind, { start, end }: Span, visit: Visit): void {
    for (let at = start; at < end; ) {
      const next = this.#elementEnd(kind, at, end, message);
      visit(field, at, next);
      at = next;
    }
  }

  #elementEnd(kind: FieldKind, at: number, end: number, message: string): number {
    if (kind === 'varint') return this.#varintEnd(at, end, message);
    const next = at + (kind === 'fixed32' ? 4 : 8);
    if (next > end) throw this.#malformed(message, at, 'ends in the middle of a number');
    return next;
  }

  #varintEnd(at: number, end: number, message: string): number {
    for (let i = at; i < end; i++) {
      if (this.bytes[i]! < 128) return i + 1;
      if (i - at >= 9) throw this.#malformed(message, at, 'a number has more than 10 bytes');
    }
    throw this.#malformed(message, at, 'ends in the middle of a number');
  }

  /** At most four bytes, so 28 bits. */
  #smallVarint(start: number, end: number): number {
    let value = 0;
    for (let i = end - 1; i >= start; i--) value = (value << 7) | (this.bytes[i]! & 127);
    return value;
  }

  #malformed(message: string, at: number, what: string): Error {
    return ScanErrors.ModelFileMalformed(`${message} at byte ${at}: ${what}`);
  }
}
