import { closeSync, openSync, writeSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { duckdbRefinery } from '../../lambdas/data/aws/duckdb-refinery.ts';
import type { Column, DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { digestOfFile } from '../../lambdas/shared/aws/hashed-file.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';

const KINDS = ['red', 'green', 'blue', 'cyan', 'white'];
const MEASURED = Array.from({ length: 16 }, (_, i) => `x${i}`);
const FLUSHED = 1024 ** 2;

/**
 * A spec as people write it: a key, a day that time splits at, a text of few allowed values, whole numbers and 16
 * measured ones with limits, half of which may be empty.
 */
export const READINGS: DatasetSpec = {
  schema: 'millrace/dataset/1',
  dataset: 'readings',
  owner: 'bench',
  columns: {
    id: { type: 'integer', role: 'key', min: 0 },
    day: { type: 'date', role: 'timestamp' },
    kind: { type: 'string', role: 'feature', values: KINDS },
    amount: { type: 'integer', role: 'target', min: 0, max: 1_000_000, nullable: true },
    ...Object.fromEntries(
      MEASURED.map((name, i): [string, Column] => [
        name,
        { type: 'double', role: 'feature', min: -1e6, max: 1e6, nullable: i >= 8 },
      ]),
    ),
  },
  split: { by: 'day', testFrom: '2025-03-22' },
};

/** Writes a CSV of `READINGS` of about so many bytes or so many rows; the same each time. */
export function writeReadings(file: string, { rows = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY }) {
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const shapes = [normal, () => random() * 100, () => Math.exp(random() * 5)] as const;
  const output = openSync(file, 'w');
  let text = `id,day,kind,amount,${MEASURED.join(',')}\n`;
  let written = 0;
  for (let id = 0; id < rows && written + text.length < bytes; id++) {
    const day = new Date(Date.UTC(2025, 0, 1) + (id % 10_000_000) * 8640).toISOString().slice(0, 10);
    const measured = MEASURED.map((_, i) => (shapes[i % 3] ?? normal)().toPrecision(i % 2 ? 6 : 9));
    text += `${id},${day},${KINDS[(id % 7) % 5]},${Math.floor(random() * 1e6)},${measured.join(',')}\n`;
    if (text.length < FLUSHED) continue;
    written += writeSync(output, text);
    text = '';
  }
  writeSync(output, text);
  closeSync(output);
}

/** The real refinery, from a local file to a folder: digests, checks, files and profile, without a network. */
export function localRefinery(file: string, folder: string) {
  const upload = async (key: string, from: string) => {
    await mkdir(folder, { recursive: true });
    await copyFile(from, join(folder, key.replaceAll('/', '-')));
    return 'created' as const;
  };
  const fetchRaw = async (_object: unknown, to: string) => {
    await copyFile(file, to);
    return digestOfFile(to);
  };
  // The first file of a dataset is uploaded to the zone, and nothing else is asked of it.
  const curated = { bucket: 'curated', upload } as Partial<ObjectStore> as ObjectStore;
  const { refine } = duckdbRefinery({ curated, fetchRaw });
  return (spec: DatasetSpec, name: string) =>
    refine({
      workspace: 'default',
      object: { key: `default/${spec.dataset}/2026-01-05/u/${name}` },
      spec,
      at: '2026-01-05T09:00:00.000Z',
    });
}

/** Milliseconds that the processor worked: on a machine that others use too, a clock on the wall shows them as well. */
export async function cpuTime(work: () => Promise<unknown>): Promise<number> {
  const began = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}
