/** Lines of text, each with its line break. */
export interface Lines {
  count: number;
  text: Buffer;
}

const LINE_BREAK = 10;
const BLOCK = 1 << 16;

/** How many whole lines two texts begin with alike, how many they end with alike, and the old text's lines between. */
export function sameEnds(old: Lines, next: Lines): { head: number; tail: number; oldMiddle: string } {
  const begin = lineStart(old.text, samePrefix(old.text, next.text));
  const most = Math.min(old.text.length, next.text.length) - begin;
  const end = suffixStart(old.text, next.text, sameSuffix(old.text, next.text, most), begin);
  const head = countLines(old.text, 0, begin);
  const between = countLines(old.text, begin, end);
  return { head, tail: old.count - head - between, oldMiddle: old.text.toString('utf8', begin, end) };
}

function samePrefix(a: Buffer, b: Buffer): number {
  const most = Math.min(a.length, b.length);
  let same = 0;
  while (same < most) {
    const size = Math.min(BLOCK, most - same);
    if (a.compare(b, same, same + size, same, same + size) !== 0) break;
    same += size;
  }
  while (same < most && a[same] === b[same]) same++;
  return same;
}

function sameSuffix(a: Buffer, b: Buffer, most: number): number {
  let same = 0;
  while (same < most) {
    const size = Math.min(BLOCK, most - same);
    const [endA, endB] = [a.length - same, b.length - same];
    if (a.compare(b, endB - size, endB, endA - size, endA) !== 0) break;
    same += size;
  }
  while (same < most && a[a.length - same - 1] === b[b.length - same - 1]) same++;
  return same;
}

/** Where the line begins that this place is in. */
const lineStart = (text: Buffer, at: number): number => (at === 0 ? 0 : text.lastIndexOf(LINE_BREAK, at - 1) + 1);

/** Where in `a` the like end of both begins with a whole line in both: `ae` ends like `e`, and is another line. */
function suffixStart(a: Buffer, b: Buffer, same: number, begin: number): number {
  const at = a.length - same;
  const begins = (text: Buffer, place: number) => place === begin || text[place - 1] === LINE_BREAK;
  if (begins(a, at) && begins(b, b.length - same)) return at;
  const found = a.indexOf(LINE_BREAK, at);
  return found < 0 ? a.length : found + 1;
}

function countLines(text: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf(LINE_BREAK, from); at >= 0 && at < to; at = text.indexOf(LINE_BREAK, at + 1)) lines++;
  return lines;
}
