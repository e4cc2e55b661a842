import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiClient } from '../../bin/client/api-client.ts';
import { dataProfileVerbs } from '../../bin/commands/data-profile.ts';
import { DataErrors, DataRoutes, type VersionContent } from '../../lambdas/data/contract.ts';
import { weatherCsv, weatherSpec } from '../builders/dataset.ts';
import { profiledVersion } from '../builders/profiled-version.ts';

const spec = weatherSpec();
let versions: VersionContent[];
let deleted: string[] = [];
beforeAll(async () => {
  const first = await profiledVersion(spec, weatherCsv({ location: 'Seattle' }));
  versions = [first, await profiledVersion(spec, weatherCsv(), { number: 2, parent: first })];
});

/** The platform's answers about two versions of one dataset. */
const client: ApiClient = {
  async call(route: unknown, input: { version?: string }) {
    if (route === DataRoutes.showDataset) return { dataset: spec.dataset, spec };
    if (route === DataRoutes.showQuality) throw DataErrors.QualityReportMissing('there is none');
    if (deleted.includes(input.version ?? '')) throw DataErrors.DatasetVersionDeleted('it is gone');
    const found =
      versions.find(({ fact }) => [fact.version, String(fact.number)].includes(input.version ?? '')) ?? versions[1];
    const { fact, manifest, profile } = found as VersionContent;
    return route === DataRoutes.showProfile ? profile : { ...fact, manifest };
  },
} as unknown as ApiClient;

async function outputOf(name: string, input: Record<string, unknown>) {
  const verb = dataProfileVerbs.find((each) => each.name === name);
  if (!verb?.show) throw new Error(`there is no verb ${name} with text for people`);
  const context = { client: async () => client, progress: () => undefined, stage: 'local', workspace: 'default' };
  const output = await verb.run({ ...context, signal: new AbortController().signal }, verb.input.parse(input));
  return { output, text: stripVTControlCharacters(verb.show(output)) };
}

describe('millrace data profile', () => {
  test('shows a line for each column with its distribution', async () => {
    const { text } = await outputOf('data profile', { dataset: 'weather@1' });
    expect(text).toContain('1,461 rows');
    expect(text).toMatch(/^temp_max +double +0 % +-1.6 +10.6 +15.6 +22.2 +35.6 +16.44 +[ ▁▂▃▄▅▆▇█]{20,}$/m);
    expect(text).toMatch(/^weather +string +0 % +5 +\S+ \d+.\d %, \S+ \d+.\d %, \S+ \d/m);
  });

  test('writes the whole report to a file, with what changed since the version before', async () => {
    const folder = await mkdtemp(join(tmpdir(), `millrace-test-${process.pid}-`));
    const file = join(folder, 'weather.html');
    try {
      const { text } = await outputOf('data profile', { dataset: 'weather@latest', html: file });
      expect(text).toBe(`weather: the report is ${file}`);
      expect(await readFile(file, 'utf8')).toContain('Against version 1: <strong>+1,461 rows</strong>');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('writes the report also where the version before is deleted', async () => {
    const folder = await mkdtemp(join(tmpdir(), `millrace-test-${process.pid}-`));
    deleted = [versions[0]?.fact.version ?? ''];
    try {
      const html = join(folder, 'weather.html');
      await outputOf('data profile', { dataset: 'weather@latest', html });
      expect(await readFile(html, 'utf8')).toContain('The version before this one is deleted.');
    } finally {
      deleted = [];
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('names the file that it cannot write', async () => {
    const html = join(tmpdir(), 'no-such-folder', 'weather.html');
    await expect(outputOf('data profile', { dataset: 'weather', html })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining(`html: got ${html}, it cannot be written`),
    });
  });
});

test('millrace data diff says in words what is not what it was', async () => {
  const { text, output } = await outputOf('data diff', { dataset: 'weather', before: '1', after: '2' });
  expect(text).toContain('weather version 1 → 2: +1,461 rows (1,461 → 2,922)');
  expect(text).toContain('files: 1 added, 1 removed, 0 the same');
  expect(text).toMatch(/^location +very different +0.500/m);
  expect(JSON.parse(JSON.stringify(output))).toMatchObject({ before: { number: 1 }, after: { number: 2 } });
});
