import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Text for people goes to stderr; colour only where a person looks. */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stderr });

export interface Progress {
  /** Replaces the line that stands; the first one appears only after `afterMs`. */
  say(text: string): void;
  /** Clears the line. */
  end(): void;
}

/** One live line on a terminal, nothing elsewhere; work that ends within two seconds shows none. */
export function progressLine(quiet: boolean, afterMs = 2000): Progress {
  const live = !quiet && process.stderr.isTTY;
  const began = Date.now();
  let shown = false;
  return {
    say(text) {
      if (!live || Date.now() - began < afterMs) return;
      shown = true;
      const seconds = Math.round((Date.now() - began) / 1000);
      process.stderr.write(`\r\x1b[2K${paint('dim', `${text} … ${seconds} s`)}`);
    },
    end() {
      if (shown) process.stderr.write('\r\x1b[2K');
    },
  };
}

const BLOCKS = ' ▁▂▃▄▅▆▇█';

/** Shares as one line of blocks, scaled to `top` (default: the largest share). */
export function blocks(shares: readonly number[], top = Math.max(...shares, Number.EPSILON)): string {
  return shares
    .map((share) => BLOCKS[share <= 0 ? 0 : Math.max(1, Math.min(8, Math.round((share / top) * 8)))])
    .join('');
}

/** Rows under their headings, columns as wide as they need. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const text = rows.map((cells) => cells.map((cell) => String(cell ?? '')));
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...text.map((cells) => (cells[i] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [paint('bold', line(headings)), ...text.map(line)].join('\n');
}
