/** Lines around a change that a reader needs to find it. */
const CONTEXT = 3;

interface Edit {
  kind: ' ' | '-' | '+';
  line: string;
}

/** The change from one text to another as a unified diff, for people and for `patch`; empty when there is none. */
export function unifiedDiff(before: string, after: string, name: string): string {
  const edits = editsBetween(linesOf(before), linesOf(after));
  const changed = edits.flatMap(({ kind }, i) => (kind === ' ' ? [] : [i]));
  if (changed.length === 0) return '';
  const hunks: string[] = [];
  for (let i = 0; i < changed.length; ) {
    let j = i;
    while (j + 1 < changed.length && (changed[j + 1] as number) - (changed[j] as number) <= 2 * CONTEXT + 1) j++;
    const from = Math.max(0, (changed[i] as number) - CONTEXT);
    hunks.push(hunk(edits, from, Math.min(edits.length, (changed[j] as number) + CONTEXT + 1)));
    i = j + 1;
  }
  return `--- a/${name}\n+++ b/${name}\n${hunks.join('')}`;
}

/** Each line with its end, so that a missing last one shows. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function hunk(edits: readonly Edit[], from: number, to: number): string {
  const count = (kind: Edit['kind'], begin: number, end: number) =>
    edits.slice(begin, end).filter((edit) => edit.kind === ' ' || edit.kind === kind).length;
  const range = (kind: '-' | '+') => {
    const length = count(kind, from, to);
    // Of nothing, the line before is named.
    return `${count(kind, 0, from) + (length === 0 ? 0 : 1)},${length}`;
  };
  const body = edits
    .slice(from, to)
    .map(({ kind, line }) => kind + (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`));
  return `@@ -${range('-')} +${range('+')} @@\n${body.join('')}`;
}

/** By the longest common subsequence of what lies between equal beginnings and ends: specs are short. */
function editsBetween(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const [x, y] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const longest = Array.from({ length: x.length + 1 }, () => new Uint32Array(y.length + 1));
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0;
  for (let i = x.length - 1; i >= 0; i--)
    for (let j = y.length - 1; j >= 0; j--)
      (longest[i] as Uint32Array)[j] = x[i] === y[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const edits: Edit[] = a.slice(0, head).map((line) => ({ kind: ' ', line }));
  for (let i = 0, j = 0; i < x.length || j < y.length; ) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      edits.push({ kind: ' ', line: x[i++] as string });
      j++;
    } else if (i < x.length && (j >= y.length || at(i + 1, j) >= at(i, j + 1)))
      edits.push({ kind: '-', line: x[i++] as string });
    else edits.push({ kind: '+', line: y[j++] as string });
  }
  return [...edits, ...a.slice(a.length - tail).map((line): Edit => ({ kind: ' ', line }))];
}
