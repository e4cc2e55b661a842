import type { ColumnProfile, Correlations, NumberHistogram, TimeHistogram } from '../../lambdas/data/contract.ts';
import { shownNumber, shownShare } from '../figures-text.ts';
import { type Html, html } from './html.ts';

const px = (value: number) => Number(value.toFixed(2));

/** A column's distribution, whatever its type; undefined where it has no values. */
export function distributionChart(name: string, column: ColumnProfile): Html | undefined {
  const { histogram, top } = column;
  if (histogram?.kind === 'number') return numberChart(name, column, histogram);
  if (histogram?.kind === 'time') return timeChart(name, column, histogram);
  return top?.length ? topChart(name, column, top) : undefined;
}

const [WIDTH, HEIGHT, FOOT] = [320, 110, 18];

function bars(counts: readonly number[], titles: readonly string[]): Html[] {
  const most = Math.max(...counts, 1);
  const step = WIDTH / counts.length;
  return counts.map((count, i) => {
    const height = count === 0 ? 0 : Math.max(1, (count / most) * (HEIGHT - 4));
    return html`<rect class="bar" x="${px(i * step + step * 0.06)}" y="${px(HEIGHT - height)}" width="${px(step * 0.88)}" height="${px(height)}"><title>${titles[i]}</title></rect>`;
  });
}

function frame(label: string, inside: readonly (Html | undefined)[], ends: readonly [string, string]): Html {
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT + FOOT}" width="${WIDTH}" height="${HEIGHT + FOOT}" role="img" aria-label="${label}"><title>${label}</title>${inside.filter((part) => part !== undefined)}<line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT + 0.5}" y2="${HEIGHT + 0.5}"/><text x="0" y="${HEIGHT + 14}">${ends[0]}</text><text class="end" x="${WIDTH}" y="${HEIGHT + 14}">${ends[1]}</text></svg>`;
}

function numberChart(name: string, { min, max, quantiles, type }: ColumnProfile, histogram: NumberHistogram): Html {
  const { low, width, counts, below, above } = histogram;
  const high = low + width * counts.length;
  const titles = counts.map((count, i) => {
    const from = low + i * width;
    const whole = type === 'integer' && width === 1;
    return `${whole ? shownNumber(from + 0.5) : `${shownNumber(from)} to ${shownNumber(from + width)}`}: ${shownNumber(count)}`;
  });
  const median = quantiles?.p50;
  const x = median === undefined ? -1 : ((median - low) / (high - low)) * WIDTH;
  const line =
    x >= 0 && x <= WIDTH
      ? html`<line class="median" x1="${px(x)}" x2="${px(x)}" y1="0" y2="${HEIGHT}"><title>median ${shownNumber(median)}</title></line>`
      : undefined;
  const ends: [string, string] = [
    below > 0 ? `${shownNumber(below)} below ${shownNumber(low)}` : shownNumber(min),
    above > 0 ? `${shownNumber(above)} above ${shownNumber(high)}` : shownNumber(max),
  ];
  return frame(
    `Distribution of ${name}: from ${shownNumber(min)} to ${shownNumber(max)}`,
    [...bars(counts, titles), line],
    ends,
  );
}

/** Units without values are drawn as what they are: nothing. */
function timeChart(name: string, { min, max }: ColumnProfile, { unit, counts }: TimeHistogram): Html {
  const starts = counts.map(({ from }) => Date.parse(from));
  const first = starts[0] ?? 0;
  const last = Math.max(Date.parse(String(max)), first + 1);
  const lengths = starts.slice(1).map((start, i) => start - (starts[i] as number));
  const usual = lengths.length > 0 ? Math.min(...lengths) : last - first;
  const scale = WIDTH / Math.max(last - first, (starts.at(-1) ?? first) + usual - first);
  const most = Math.max(...counts.map(({ count }) => count), 1);
  const inside = counts.map(({ from, count }, i) => {
    const height = Math.max(1, (count / most) * (HEIGHT - 4));
    const width = Math.max(0.8, usual * scale * 0.88);
    return html`<rect class="bar" x="${px(((starts[i] as number) - first) * scale)}" y="${px(HEIGHT - height)}" width="${px(width)}" height="${px(height)}"><title>${unit} of ${from}: ${shownNumber(count)}</title></rect>`;
  });
  return frame(`Rows by ${unit} of ${name}: from ${min} to ${max}`, inside, [shownNumber(min), shownNumber(max)]);
}

const LABEL = 130;

function topChart(name: string, { count }: ColumnProfile, top: NonNullable<ColumnProfile['top']>): Html {
  const [row, room] = [20, WIDTH - LABEL - 52];
  const most = Math.max(...top.map((each) => each.count), 1);
  const rest = count - top.reduce((sum, each) => sum + each.count, 0);
  const rows = [...top, ...(rest > 0 ? [{ value: 'all others', count: rest }] : [])];
  const label = `Most frequent values of ${name}`;
  const inside = rows.map((each, i) => {
    const others = rest > 0 && i === rows.length - 1;
    // A bar for all the others would dwarf the rest or be too short: they have their share alone.
    const width = others ? 0 : Math.max(1, (each.count / most) * room);
    const text = each.value.length > 18 ? `${each.value.slice(0, 17)}…` : each.value || '(empty text)';
    return html`<g><title>${each.value}: ${shownNumber(each.count)}</title><text class="${others ? '' : 'ink'}" x="0" y="${i * row + 14}">${text}</text>${!others && html`<rect class="bar" x="${LABEL}" y="${i * row + 4}" width="${px(width)}" height="13" rx="2"/>`}<text x="${px(LABEL + (others ? 0 : width + 6))}" y="${i * row + 14}">${shownShare(each.count / count)}</text></g>`;
  });
  const height = rows.length * row + 4;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${label}"><title>${label}</title>${inside}</svg>`;
}

/** A bar of what is there and what is missing. */
export function missingBar(name: string, share: number): Html {
  const label = `${name}: ${shownShare(share)} missing`;
  const lost = share === 0 ? 0 : Math.max(2, share * 120);
  return html`<svg viewBox="0 0 120 10" width="120" height="10" role="img" aria-label="${label}"><title>${label}</title><rect class="pale" width="120" height="10" rx="3"/><rect class="lost" width="${px(lost)}" height="10" rx="3"/></svg>`;
}

/** Cells get smaller with their number; what a cell says is its title as well, for those who do not see its colour. */
export function heatMap({ columns, rows }: Correlations): Html {
  const cell = columns.length > 30 ? 18 : columns.length > 14 ? 28 : 46;
  const names = columns.map((name) => (name.length > 22 ? `${name.slice(0, 21)}…` : name));
  const left = Math.max(...names.map((name) => name.length)) * 6.6 + 12;
  const size = cell * columns.length;
  const cells = columns.flatMap((a, i) =>
    columns.slice(0, i + 1).map((b, j) => {
      const r = i === j ? 1 : (rows[i - 1]?.[j] ?? null);
      const text = r === null ? 'no correlation: one of the two does not vary' : r.toFixed(3);
      const kind = r === null ? 'none' : r < 0 ? 'minus' : 'plus';
      const strength = r === null ? 0.35 : px(0.06 + Math.abs(r) * 0.94);
      const inside =
        cell >= 40 && r !== null && i !== j
          ? html`<text class="inside" x="${px(left + (j + 0.5) * cell)}" y="${px((i + 0.5) * cell + 4)}">${r.toFixed(2)}</text>`
          : undefined;
      return html`<g><title>${a} and ${b}: ${text}</title><rect class="${kind}" fill-opacity="${strength}" x="${px(left + j * cell + 1)}" y="${px(i * cell + 1)}" width="${cell - 2}" height="${cell - 2}" rx="3"/>${inside}</g>`;
    }),
  );
  const labels = names.map(
    (name, i) => html`<text class="ink end" x="${px(left - 8)}" y="${px((i + 0.5) * cell + 4)}">${name}</text>`,
  );
  const below = names.map(
    (name, j) =>
      html`<text class="ink" transform="translate(${px(left + (j + 0.5) * cell)} ${size + 12}) rotate(40)">${name}</text>`,
  );
  const label = `Correlations of ${columns.length} columns`;
  const foot = Math.max(...names.map((name) => name.length)) * 4.6 + 24;
  const width = px(left + size + foot);
  return html`<svg viewBox="0 0 ${width} ${px(size + foot)}" width="${width}" height="${px(size + foot)}" role="img" aria-label="${label}"><title>${label}</title>${labels}${cells}${below}</svg>`;
}
