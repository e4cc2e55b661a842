import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IdleCost, idleCost } from '../../lib/shared/idle-cost.ts';

/** What the synthesized stacks of a folder cost in a month in which nothing happens. */
export async function idleCostOf(assembly: string): Promise<IdleCost> {
  const files = (await readdir(assembly)).filter((name) => name.endsWith('.template.json'));
  return idleCost(
    await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(assembly, file), 'utf8')))),
  );
}
