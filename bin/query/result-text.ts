import { paint } from '../terminal.ts';
import type { QueryResult } from './local-session.ts';

const MOST_ROWS = 40;
const WIDEST_CELL = 40;
/** Between two columns. */
const GAP = '  ';

/** A result as a table no wider than the terminal, and no longer than a screen; it says what it leaves out. */
export function resultTable(result: QueryResult, width = process.stdout.columns ?? 120): string {
  const { columns, rows } = result;
  if (columns.length === 0) return 'no columns';
  const shown = rows.slice(0, MOST_ROWS);
  const cells = columns.map(({ name }, i) => [shownText(name), ...shown.map((row) => shownText(row[i]))]);
  const widths = cells.map((column) => Math.max(...column.map((text) => text.length)));
  let used = 0;
  let fitting = 0;
  for (const wide of widths) {
    used += wide + (fitting === 0 ? 0 : GAP.length);
    if (used > width && fitting > 0) break;
    fitting++;
  }
  const numeric = columns.map(({ type }) =>
    /^(tiny|small|big|huge|u|usmall|ubig)?int|double|float|decimal/i.test(type),
  );
  const line = (at: number) =>
    cells
      .slice(0, fitting)
      .map((column, i) =>
        numeric[i] ? (column[at] ?? '').padStart(widths[i] ?? 0) : (column[at] ?? '').padEnd(widths[i] ?? 0),
      )
      .join(GAP)
      .trimEnd();
  const lines = [paint('bold', line(0)), ...shown.map((_, i) => line(i + 1))];
  return [...lines, paint('dim', noteOf(result, shown.length, fitting))].join('\n');
}

function noteOf({ columns, rows, truncated }: QueryResult, shown: number, fitting: number): string {
  const total = truncated ? `more than ${rows.length} rows` : rows.length === 1 ? '1 row' : `${rows.length} rows`;
  const notes = [total];
  if (shown < rows.length) notes.push(`the first ${shown} are shown, --csv and --json have all`);
  if (truncated) notes.push('--limit takes more');
  if (fitting < columns.length)
    notes.push(
      `left out for width: ${columns
        .slice(fitting)
        .map(({ name }) => shownText(name))
        .join(', ')}`,
    );
  return `(${notes.join('; ')})`;
}

/** One line of at most 40 characters. Rows are other people's: what would steer the terminal is shown, not obeyed. */
function shownText(value: unknown): string {
  const text =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const printable = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u00b7');
  return printable.length > WIDEST_CELL ? `${printable.slice(0, WIDEST_CELL - 1)}…` : printable;
}

/** RFC 4180 but for its line ends, which are those of this machine's other tools; an empty field is NULL, an empty text is `""`. */
export function resultCsv({ columns, rows }: QueryResult): string {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(csvField).join(','));
  return lines.join('\n');
}

function csvField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
