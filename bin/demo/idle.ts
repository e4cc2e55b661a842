import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IdleCost, idleCost } from '../../lib/shared/idle-cost.ts';

/** What a stage asks for by name: the local one has it to show, and no other unless it says so. */
const ASKED_FOR = 'Kinesis streams';

/** What the synthesized stacks of a folder cost in a month in which nothing happens, without what is asked for by name. */
export async function idleCostOf(assembly: string): Promise<IdleCost> {
  const files = (await readdir(assembly)).filter((name) => name.endsWith('.template.json'));
  const { items, usd } = idleCost(
    await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(assembly, file), 'utf8')))),
  );
  const asked = items.filter(({ what }) => what === ASKED_FOR).reduce((sum, item) => sum + item.usd, 0);
  return { items: items.filter(({ what }) => what !== ASKED_FOR), usd: usd - asked };
}
