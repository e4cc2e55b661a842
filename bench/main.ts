import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { dataFigures } from './data/figures.ts';
import { type Figure, measure, PeerMissing } from './figure.ts';
import { servingFigures } from './serving/figures.ts';
import { trackingFigures } from './tracking/figures.ts';

/** Groups of figures by name; each later domain adds its own. */
const GROUPS: Readonly<Record<string, readonly Figure[]>> = {
  serving: servingFigures,
  data: dataFigures,
  tracking: trackingFigures,
};

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
/** `tracking` is a group, `tracking/search` those of its figures whose names begin so. */
const groupOf = (wish: string) => wish.split('/')[0] ?? '';
const unknown = positionals.filter((wish) => !(groupOf(wish) in GROUPS));
if (unknown.length > 0) {
  process.stderr.write(`group: got ${unknown.join(', ')}, expected one of ${Object.keys(GROUPS).join(', ')}\n`);
  process.exit(2);
}

const chosen = new Set<Figure>();
for (const wish of positionals.length > 0 ? positionals : Object.keys(GROUPS)) {
  const figures = (GROUPS[groupOf(wish)] ?? []).filter(({ name }) => name.startsWith(wish));
  if (figures.length === 0) process.stderr.write(`figure: got ${wish}, there is none of such a name\n`);
  for (const figure of figures) chosen.add(figure);
}
try {
  for (const figure of chosen) await show(figure);
} finally {
  for (const end of new Set([...chosen].map((figure) => figure.end))) await end?.();
}

async function show(figure: Figure): Promise<void> {
  const result = await measure(figure).catch((error: unknown) => {
    if (!(error instanceof PeerMissing)) throw error;
    process.stderr.write(`SKIPPED ${figure.name}: ${error.message}\n`);
    return undefined;
  });
  if (!result) return;
  if (values.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { name, ours, theirs, unit, ratio, peer, repeats, detail } = result;
  process.stdout.write(
    `${name.padEnd(36)} ${String(ratio).padStart(7)} × ${peer}  (${ours} against ${theirs} ${unit}, median of ${repeats}, load ${loadavg()[0]?.toFixed(1)})${detail ? `\n    ${detail}` : ''}\n`,
  );
}
