import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure, Sides } from '../figure.ts';
import { writeReadings } from './bench-files.ts';

const ROOT = join(import.meta.dirname, '../..');
const FUNCTION_MB = 1024;

/** Most memory that a fresh process held while it took a file at once, however large. */
export const memoryFigures: readonly Figure[] = [
  {
    // vega-datasets' three million flights with the spec of examples/flights: Parquet, partitioned by month.
    name: 'data/flights-memory',
    unit: 'MB',
    peer: 'a function of 1,024 MB',
    repeats: 5,
    prepare: async () => ({
      ours: () => peakOf(join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet'), 'flights'),
      theirs: async () => FUNCTION_MB,
    }),
  },
  {
    // Both at once, though the platform cuts files of over 256 MB into parts: that it need not is what is shown.
    name: 'data/csv-memory-1gb',
    unit: 'MB',
    peer: 'a CSV an eighth as large',
    repeats: 5,
    prepare: async () => largeAndSmall(),
  },
];

async function largeAndSmall(): Promise<Sides> {
  const folder = await mkdtemp(join(tmpdir(), `millrace-bench-${process.pid}-`));
  const [large, small] = [join(folder, 'large.csv'), join(folder, 'small.csv')];
  writeReadings(large, { bytes: 1e9 });
  writeReadings(small, { bytes: 1e9 / 8 });
  return {
    ours: () => peakOf(large, 'readings'),
    theirs: () => peakOf(small, 'readings'),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function peakOf(file: string, spec: 'flights' | 'readings'): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'peak-memory.ts'), file, spec], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  const megabytes = Number(output.trim());
  if (!(megabytes > 0)) throw new Error(`peak memory of ${file}: got ${JSON.stringify(output)}`);
  return megabytes;
}
