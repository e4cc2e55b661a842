import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { dataRuleVerbs } from '../../../bin/commands/data-rules.ts';
import { DataRoutes } from '../../../lambdas/data/contract.ts';
import { aLabelSpec } from '../../builders/dataset.ts';
import { runCli } from '../cli-process.ts';
import { dataCloud } from './data-cloud.ts';

const cloud = dataCloud();
const dataset = 'sky-labels';
/** 60 photos that train and 12 that judge, each labelled by two; they differ on every fifth. */
const rows = Array.from({ length: 72 }, (_, i) => {
  const day = i < 60 ? '2019-05-01' : '2020-05-01';
  const label = i % 2 === 0 ? 'clear' : 'cloudy';
  const other = i % 5 === 0 ? (label === 'clear' ? 'cloudy' : 'clear') : label;
  return `p${i},ann,${label},${day}\np${i},bob,${other},${day}\n`;
});

beforeAll(async () => {
  await cloud.api.call(DataRoutes.createDataset, { dataset, spec: JSON.stringify(aLabelSpec()) });
  const csv = `photo,labeller,label,at\n${rows.join('')}`;
  const upload = await cloud.api.call(DataRoutes.createUpload, { dataset, fileName: 'labels.csv', bytes: csv.length });
  await cloud.put(upload, csv);
  for (let status = 'waiting'; status === 'waiting' || status === 'running'; ) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    ({ status } = await cloud.api.call(DataRoutes.showIngestion, { dataset, uploadId: upload.uploadId }));
  }
});

describe('a label set on the platform', () => {
  const latest = { dataset, version: 'latest' };
  const correct = (file: string, ...more: string[]) => runCli(cloud, 'data', 'correct', dataset, file, ...more);

  test('says how far its labellers agree, without naming what is held out', async () => {
    const answer = await cloud.api.call(DataRoutes.showAgreement, { ...latest, review: 5 });
    expect(answer).toMatchObject({ items: 72, labels: 144, differing: { all: 15, train: 12 } });
    expect(answer.equalPairs).toBeCloseTo(57 / 72, 12);
    expect(answer.review).toHaveLength(5);
    expect(JSON.stringify(answer)).not.toMatch(/"p6\d"|"p7\d"/);
  });

  test('resolves what its labellers agree on', async () => {
    const answer = await cloud.api.call(DataRoutes.showConsensus, { ...latest, minAgreement: 0.5, minLabellers: 2 });
    expect([answer.resolved.length, answer.open.length, answer.heldOut]).toEqual([48, 12, 12]);
  });

  test('says what corrections would change', async () => {
    const corrections = [{ key: ['p0'], labeller: 'ann', label: 'cloudy' }];
    const answer = await cloud.api.call(DataRoutes.showCorrections, { ...latest, corrections });
    expect(answer).toMatchObject({ changes: [{ before: 'clear', label: 'cloudy' }], same: 0, unknown: [] });
  });

  test('takes corrections in the place of what they correct, and its labellers agree more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-corrections-'));
    const file = join(folder, 'corrections.csv');
    // One that trains, one that judges, and one that says what is there already.
    const lines = ['p0,ann,cloudy,2019-05-01', 'p60,bob,clear,2020-05-01', 'p1,ann,cloudy,2019-05-01'];
    writeFileSync(file, `photo,labeller,label,at\n${lines.join('\n')}\n`);
    const check = {
      same: 1,
      unknown: [],
      changes: [
        { key: ['p0'], labeller: 'ann', before: 'clear', label: 'cloudy' },
        { key: ['p60'], labeller: 'bob', label: 'clear' },
      ],
    };
    expect(await correct(file, '--dry-run')).toMatchObject({ code: 0, output: { check } });
    expect((await cloud.api.call(DataRoutes.listVersions, { dataset })).versions).toHaveLength(1);
    expect(await correct(file)).toMatchObject({
      code: 0,
      output: { check, ingestion: { status: 'succeeded', number: 2, rows: 2, replaced: 2, repeated: 1 } },
    });
    const { manifest, rows } = await cloud.api.call(DataRoutes.showVersion, latest);
    expect([rows, manifest.rows]).toEqual([144, 144]);
    const answer = await cloud.api.call(DataRoutes.showAgreement, { ...latest, review: 100 });
    expect(answer).toMatchObject({ number: 2, items: 72, labels: 144, differing: { all: 13, train: 11 } });
    expect(answer.equalPairs).toBeCloseTo(59 / 72, 12);
    expect(answer.review.map(({ key }) => key)).not.toContainEqual(['p0']);
    // The version before says what it said.
    const before = await cloud.api.call(DataRoutes.showAgreement, { dataset, version: '1', review: 1 });
    expect(before).toMatchObject({ number: 1, differing: { all: 15, train: 12 } });
    // Whether a held-out label is so already is not told, so it goes again; nothing comes of it.
    expect(await correct(file)).toMatchObject({
      code: 0,
      output: { check: { changes: [{ key: ['p60'] }], same: 2 }, ingestion: { number: 2, unchanged: true } },
    });
    rmSync(folder, { recursive: true });
  });

  test('refuses a correction of what nobody labelled', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-corrections-'));
    const file = join(folder, 'corrections.csv');
    writeFileSync(file, 'photo,labeller,label,at\np0,eve,clear,2019-05-01\n');
    expect(await correct(file)).toMatchObject({
      code: 2,
      output: { error: { name: 'InvalidInput', message: expect.stringContaining('p0 by eve') } },
    });
    rmSync(folder, { recursive: true });
  });

  test('has rules that its own profile shows, and then no more', async () => {
    const infer = dataRuleVerbs.find(({ name }) => name === 'data infer');
    const context = { stage: 'local', workspace: cloud.workspace, signal: new AbortController().signal };
    const output = await infer?.run({ ...context, client: async () => cloud.api, progress: () => undefined }, {
      version: `${dataset}@latest`,
    } as never);
    expect(output).toMatchObject({ proposals: [{ column: 'label', field: 'values', value: ['clear', 'cloudy'] }] });
    expect((output as { diff: string }).diff).toMatch(/^\+ {6}- clear$|^\+.*values: \[clear, cloudy\]$/m);
  });
});
