/** Bytes of a line that are kept; of a longer one its beginning, so that no file can fill the memory. */
export const MAX_LINE_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, without what ends them (a newline, and a carriage return before it). Only that ends a
 * line: Node's own readline also cuts at U+2028, which may stand inside a text of JSON. Of a line of more than
 * MAX_LINE_BYTES one byte more than that is given.
 */
export async function* byteLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  const keep = (piece: Uint8Array) => {
    const room = MAX_LINE_BYTES + 1 - length;
    if (room <= 0 || piece.length === 0) return;
    pieces.push(piece.subarray(0, room));
    length += Math.min(room, piece.length);
  };
  const take = (): Uint8Array => {
    const line = Buffer.concat(pieces);
    pieces = [];
    length = 0;
    return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  };
  for await (const chunk of input) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, at));
      yield take();
      from = at + 1;
    }
    keep(chunk.subarray(from));
  }
  if (length > 0) yield take();
}
