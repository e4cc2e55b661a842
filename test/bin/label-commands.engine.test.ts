import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiClient } from '../../bin/client/api-client.ts';
import { dataLabelVerbs } from '../../bin/commands/data-labels.ts';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import { aLabelSpec } from '../builders/dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-labels-'));
const uploaded: string[] = [];
let zone: Server;
beforeAll(async () => {
  zone = createServer(async (request, response) => {
    uploaded.push(Buffer.concat(await request.toArray()).toString());
    response.end();
  });
  await new Promise<void>((resolve) => zone.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  zone.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
/** Answers by route, and says what it was asked. */
function platform(answers: Map<unknown, unknown>) {
  const asked: unknown[] = [];
  const client = {
    call: async (route: unknown, input: unknown) => {
      asked.push(input);
      return answers.get(route);
    },
  } as unknown as ApiClient;
  return { client, asked };
}
const run = (name: string, input: object, client: ApiClient) => {
  const verb = dataLabelVerbs.find((each) => each.name === name);
  const context = { stage: 's', workspace: 'w', signal: new AbortController().signal };
  return verb?.run({ ...context, client: async () => client, progress: () => undefined }, input as never);
};
const shown = (name: string, output: unknown) => dataLabelVerbs.find((each) => each.name === name)?.show?.(output);

const CORRECTIONS = 'photo,labeller,label,at\np1,ann,"a ""b"", c",2019-01-01\np2,bob,clear,2019-01-02\n';
const change = { key: ['p1'], labeller: 'ann', label: 'a "b", c', before: 'clear' };
function aLabelSet({ spec = aLabelSpec(), check = {} }: { spec?: object; check?: object } = {}) {
  const { port } = zone.address() as AddressInfo;
  const upload = { uploadId: 'u1', url: `http://127.0.0.1:${port}/x`, method: 'PUT', headers: {} };
  const ingestion = {
    uploadId: 'u1',
    status: 'succeeded',
    fileName: 'c.csv',
    dataset: 'sky-labels',
    version: 'sha256:v',
    number: 2,
    rows: 1,
  };
  return platform(
    new Map<unknown, unknown>([
      [DataRoutes.showDataset, { dataset: 'sky-labels', spec }],
      [DataRoutes.showCorrections, { changes: [change], same: 1, unknown: [], ...check }],
      [DataRoutes.createUpload, upload],
      [DataRoutes.showIngestion, ingestion],
    ]),
  );
}

describe('millrace data correct', () => {
  test('asks what would change, then sends the file as it is', async () => {
    const { client, asked } = aLabelSet();
    uploaded.length = 0;
    const output = await run(
      'data correct',
      { dataset: 'sky-labels', file: file('c.csv', CORRECTIONS), dryRun: false },
      client,
    );
    expect(asked[1]).toEqual({
      ...{ dataset: 'sky-labels', version: 'latest' },
      corrections: [
        { key: ['p1'], labeller: 'ann', label: 'a "b", c' },
        { key: ['p2'], labeller: 'bob', label: 'clear' },
      ],
    });
    expect(uploaded).toEqual([CORRECTIONS]);
    expect(shown('data correct', output)).toMatch(
      /^1 labels change, 1 are so already\n {2}p1 by ann: clear -> a "b", c\nc\.csv: 1 row new in sky-labels version 2/,
    );
  });

  test.each([
    ['it is a dry run', { dryRun: true }, {}],
    ['nothing would change', { dryRun: false }, { changes: [], same: 2 }],
  ])('sends nothing when %s', async (_what, given, check) => {
    const { client } = aLabelSet({ check });
    uploaded.length = 0;
    await run('data correct', { dataset: 'sky-labels', file: file('c.csv', CORRECTIONS), ...given }, client);
    expect(uploaded).toEqual([]);
  });

  const header = 'photo,labeller,label,at\n';
  test.each<[string, string, object, RegExp]>([
    [
      'a label that is not there',
      CORRECTIONS,
      { check: { unknown: [change] } },
      /got p1 by ann and 0 more that have no label/,
    ],
    [
      'a dataset that is no label set',
      CORRECTIONS,
      { spec: { ...aLabelSpec(), labels: undefined } },
      /no block labels/,
    ],
    [
      'a label set that keeps the first',
      CORRECTIONS,
      { spec: { ...aLabelSpec(), conflict: undefined } },
      /conflict: got nothing/,
    ],
    ['the same label twice', `${header}p1,ann,a,x\np1,ann,b,x\n`, {}, /row 2: got p1 by ann again/],
    ['an empty label', `${header}p1,ann,,x\n`, {}, /row 1: label: got an empty field/],
    ['a missing column', 'photo,label\np1,a\n', {}, /row 1: labeller: got no such column/],
    ['no rows', header, {}, /got 0 rows, expected 1 to 10000/],
  ])('refuses %s before anything is sent', async (_what, text, given, message) => {
    const { client } = aLabelSet(given);
    uploaded.length = 0;
    const input = { dataset: 'sky-labels', file: file('c.csv', text), dryRun: false };
    await expect(run('data correct', input, client)).rejects.toThrow(message);
    expect(uploaded).toEqual([]);
  });
});

describe('millrace data consensus', () => {
  const answer = {
    labelSet: aLabelSpec().labels,
    resolved: [{ key: ['p,1'], label: 'say "x"', share: 0.75, labellers: 4 }],
    open: [],
    heldOut: 2,
  };
  const { client, asked } = platform(new Map<unknown, unknown>([[DataRoutes.showConsensus, answer]]));
  const input = { version: 'sky-labels@3', out: join(folder, 'resolved.csv'), minAgreement: 0.6, minLabellers: 2 };

  test('writes a CSV that can be put, and takes the place of no file', async () => {
    const output = await run('data consensus', input, client);
    expect(asked[0]).toEqual({ dataset: 'sky-labels', version: '3', minAgreement: 0.6, minLabellers: 2 });
    expect(readFileSync(input.out, 'utf8')).toBe('photo,label,agreement,labellers\n"p,1","say ""x""",0.75,4\n');
    expect(shown('data consensus', output)).toMatch(/1 items resolved, 0 left for review, 2 of the held-out part/);
    await expect(run('data consensus', input, client)).rejects.toThrow(/out: got .*resolved\.csv/);
  });
});

describe('millrace data agreement', () => {
  test('says the figures, and a dash where there is none', () => {
    const text = shown('data agreement', {
      ...{ dataset: 'sky-labels', number: 3, items: 4, labels: 8, itemsCompared: 4, labellers: [], equalPairs: 0.5 },
      alpha: { nominal: 0.25 },
      pairs: [{ labellers: ['ann', 'bob'], items: 4, equal: 2, kappa: 0.125 }],
      confusion: [{ labels: ['clear', 'cloudy'], pairs: 2 }],
      review: [{ key: ['p1'], labels: { clear: 1, cloudy: 1 } }],
      differing: { all: 2, train: 1 },
    });
    expect(text).toContain("equal pairs 0.500, Krippendorff's alpha 0.250, Fleiss' kappa -");
    expect(text).toMatch(/ann and bob +4 +2 +0\.125/);
    expect(text).toContain('clear against cloudy: 2 pairs');
    expect(text).toContain('p1: clear 1, cloudy 1');
  });

  test('refuses a version without a dataset', async () => {
    const { client } = platform(new Map());
    await expect(run('data agreement', { version: '@3', review: 1 }, client)).rejects.toThrow(
      /expected <dataset>@<version>/,
    );
  });
});
