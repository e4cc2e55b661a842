/** One record of a stream: its place in its shard, and the bytes that somebody put there. */
export interface StreamRecord {
  sequence: string;
  bytes: Uint8Array;
}

/** A record as one line of a raw object; `poison` where the line is no JSON object, so that the ingestion quarantines it. */
export interface StreamLine {
  line: string;
  poison: boolean;
}

/**
 * The line that stands for a record. An object stays as it was written: parsing and printing it again would round long
 * numbers. Poison stays what it is too where that is one line of text; anything else becomes a line that says where it
 * came from and why it stands there, with all of its bytes: nothing is lost, and no JSON reader takes it for a row.
 */
export function streamLine({ sequence, bytes }: StreamRecord, shard: string): StreamLine {
  const encoded = (why: string): StreamLine => ({
    line: `poison ${shard}/${sequence} ${why} base64:${Buffer.from(bytes).toString('base64')}`,
    poison: true,
  });
  const text = decode(bytes);
  if (text === undefined) return encoded('not-utf-8');
  // Between its tokens JSON may have line breaks, and inside its texts it has none.
  if (isObject(text)) return { line: text.replaceAll(/[\r\n]+/g, ' ').trim(), poison: false };
  if (text.trim() === '') return encoded('blank');
  if (CONTROL.test(text)) return encoded('control-characters');
  return { line: text, poison: true };
}

/** Characters that end a line or that readers of text trip over; a tab does neither. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}
