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
const unknown = positionals.filter((group) => !(group in GROUPS));
if (unknown.length > 0) {
  process.stderr.write(`group: got ${unknown.join(', ')}, expected one of ${Object.keys(GROUPS).join(', ')}\n`);
  process.exit(2);
}

for (const group of positionals.length > 0 ? positionals : Object.keys(GROUPS)) {
  for (const figure of GROUPS[group] ?? []) {
    const result = await measure(figure).catch((error: unknown) => {
      if (!(error instanceof PeerMissing)) throw error;
      process.stderr.write(`SKIPPED ${figure.name}: ${error.message}\n`);
      return undefined;
    });
    if (!result) continue;
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else {
      const { name, ours, theirs, unit, ratio, peer, repeats, detail } = result;
      process.stdout.write(
        `${name.padEnd(36)} ${String(ratio).padStart(7)} × ${peer}  (${ours} against ${theirs} ${unit}, median of ${repeats}, load ${loadavg()[0]?.toFixed(1)})${detail ? `\n    ${detail}` : ''}\n`,
      );
    }
  }
}
