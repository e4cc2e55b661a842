/** `node bench/data/peak-memory.ts <file> flights|readings`: takes a file in a process of its own and prints its peak in MB. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';
import { localRefinery, READINGS } from './bench-files.ts';

const [file = '', kind] = process.argv.slice(2);
const flights = join(import.meta.dirname, '../../examples/flights/flights.yaml');
const spec = kind === 'flights' ? parseDatasetSpec(readFileSync(flights, 'utf8')) : READINGS;
const folder = await mkdtemp(join(tmpdir(), `millrace-bench-${process.pid}-`));
try {
  const { rows } = await localRefinery(file, folder)(spec, basename(file));
  if (rows.fresh === 0) throw new Error(`took none of ${rows.given} rows`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(`${process.resourceUsage().maxRSS / 1024}\n`);
