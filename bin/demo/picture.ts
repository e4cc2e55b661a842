/** Terminal text as an SVG picture, for the README: what was printed, as it was printed. */

const COLOURS: Readonly<Record<string, string>> = { '31': '#ff7b72', '32': '#7ee787', '36': '#76e3ea' };
const WIDTH = 8.4;
const HEIGHT = 19;
const MARGIN = 18;

interface Style {
  fill: string;
  bold: boolean;
}
const PLAIN: Style = { fill: '#d0d7de', bold: false };
const DIM = '#7d8590';

export function terminalPicture(text: string): string {
  const lines = text.trimEnd().split('\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  const columns = Math.max(...lines.map((line) => [...line.replace(/\x1b\[[\d;]*m/g, '')].length));
  const width = Math.ceil(columns * WIDTH + 2 * MARGIN);
  const height = lines.length * HEIGHT + 2 * MARGIN;
  let style = PLAIN;
  const rows = lines.map((line, row) => {
    let column = 0;
    const spans: string[] = [];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
      const codes = /^\x1b\[([\d;]*)m$/.exec(part)?.[1];
      if (codes !== undefined) style = codes.split(';').reduce(styled, style);
      else if (part) {
        const length = [...part].length;
        spans.push(
          `<tspan x="${(MARGIN + column * WIDTH).toFixed(1)}" fill="${style.fill}"${style.bold ? ' font-weight="bold"' : ''}>${escaped(part)}</tspan>`,
        );
        column += length;
      }
    }
    return `<text y="${MARGIN + (row + 0.75) * HEIGHT}" xml:space="preserve">${spans.join('')}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

function styled(style: Style, code: string): Style {
  if (code === '' || code === '0') return PLAIN;
  if (code === '1') return { ...style, bold: true };
  if (code === '2') return { ...style, fill: DIM };
  if (code === '22') return { ...style, bold: false, fill: style.fill === DIM ? PLAIN.fill : style.fill };
  if (code === '39') return { ...style, fill: PLAIN.fill };
  return { ...style, fill: COLOURS[code] ?? style.fill };
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
