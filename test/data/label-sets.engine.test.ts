import { describe, expect, test } from '@jest/globals';
import { agreementOf } from '../../lambdas/data/agreement.ts';
import { consensusOf } from '../../lambdas/data/consensus.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { showAgreementTask, showConsensusTask, showCorrectionsTask } from '../../lambdas/data/handlers/label-tasks.ts';
import { showAgreementEndpoint } from '../../lambdas/data/handlers/show-agreement.ts';
import { showConsensusEndpoint } from '../../lambdas/data/handlers/show-consensus.ts';
import { showCorrectionsEndpoint } from '../../lambdas/data/handlers/show-corrections.ts';
import { ingestObject } from '../../lambdas/data/ingest.ts';
import { type LabelRow, MOST_LABELS, readLabels } from '../../lambdas/data/label-rows.ts';
import { api } from '../../lambdas/shared/api.ts';
import { type ApiEventParts, anApiEvent } from '../builders/api-event.ts';
import { aLabelSpec } from '../builders/dataset.ts';
import { manifestOf } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const silent = { info() {}, error() {} };
const SECRET = 'held-out';
/** Photos of 2019 train, those of 2020 judge. */
const CSV = [
  'photo,labeller,label,at',
  'p1,ann,clear,2019-01-01',
  'p1,bob,clear,2019-01-01',
  'p2,ann,clear,2019-01-02',
  'p2,bob,cloudy,2019-01-02',
  'p2,eve,cloudy,2019-01-02',
  'p3,ann,clear,2019-01-03',
  'p3,bob,cloudy,2019-01-03',
  `${SECRET},ann,clear,2020-01-01`,
  `${SECRET},bob,cloudy,2020-01-01`,
  '',
].join('\n');

/** The API over the real files of a label set. */
async function aLabelSet(spec: object = aLabelSpec(), csv = CSV) {
  const table = memoryTable();
  const { raw, curated, refinery } = aRefinery();
  const clock = () => new Date('2026-01-05T09:00:00Z');
  const at = clock().toISOString();
  await createDataset(table, {
    workspace: 'default',
    dataset: 'sky-labels',
    text: JSON.stringify(spec),
    actor: 'me',
    at,
  });
  const key = 'default/sky-labels/2026-01-05/0123456789abcdefghjkmnpqrs/labels.csv';
  await raw.put(key, csv);
  await ingestObject(
    { table, curated, refinery, partBytes: 1024 ** 3, prove: async () => true, clock },
    { key, bytes: csv.length },
  );
  const stores = { table, curated };
  const mounted = api(
    [
      showAgreementEndpoint.with((wish) => showAgreementTask.with(stores).handle(wish)),
      showConsensusEndpoint.with((wish) => showConsensusTask.with(stores).handle(wish)),
      showCorrectionsEndpoint.with((wish) => showCorrectionsTask.with(stores).handle(wish)),
    ],
    { logger: silent },
  ).lambda();
  return async (path: string, parts: Partial<ApiEventParts> = {}) => {
    const event = anApiEvent({ method: 'GET', path: `/data/datasets/sky-labels/versions/latest/${path}`, ...parts });
    const { statusCode, body } = await mounted(event, {} as never);
    return { status: statusCode, text: body, body: JSON.parse(body) as Record<string, unknown> };
  };
}

describe('the agreement of a label set', () => {
  test('counts both splits, and names items of the train split only', async () => {
    const { status, text, body } = await (await aLabelSet())('agreement');
    expect(status).toBe(200);
    expect(text).not.toContain(SECRET);
    expect(body).toMatchObject({
      ...{ dataset: 'sky-labels', number: 1, items: 4, labels: 9, itemsCompared: 4 },
      labellers: [
        { labeller: 'ann', labels: 4 },
        { labeller: 'bob', labels: 4 },
        { labeller: 'eve', labels: 1 },
      ],
      confusion: [{ labels: ['clear', 'cloudy'], pairs: 4 }],
      review: [
        { key: ['p3'], labels: { clear: 1, cloudy: 1 } },
        { key: ['p2'], labels: { cloudy: 2, clear: 1 } },
      ],
      differing: { all: 3, train: 2 },
    });
    // Ann says clear always: chance explains the one photo on which Bob agrees.
    expect((body['pairs'] as object[])[0]).toEqual({ labellers: ['ann', 'bob'], items: 4, equal: 1, kappa: 0 });
    expect(body['fleissKappa']).toBeUndefined();
    expect(body['equalPairs']).toBeCloseTo(4 / 12, 12);
  });

  test('lists as many items as are asked for', async () => {
    const { body } = await (await aLabelSet())('agreement', { query: { review: '1' } });
    expect(body['review']).toHaveLength(1);
    expect(body['differing']).toEqual({ all: 3, train: 2 });
  });

  test('judges numbers by their distance too', () => {
    const rows = ['1', '2', '4', '4'].map(
      (label, i): LabelRow => ({ split: 'train', key: [String(i >> 1)], labeller: String(i & 1), label }),
    );
    expect(agreementOf(rows, { numeric: true, review: 9 }).alpha?.interval).toBeGreaterThan(0.8);
    expect(agreementOf(rows, { numeric: false, review: 9 }).alpha).not.toHaveProperty('interval');
  });

  test('is refused for a dataset that is no label set, with the field that says so', async () => {
    const { labels: _labels, ...plain } = aLabelSpec();
    const { status, body } = await (await aLabelSet(plain))('agreement');
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringMatching(/LabelSetMissing.*no block labels/)]);
  });

  test('is refused for more labels than a request can read, before any is read', async () => {
    const manifest = { ...manifestOf(aLabelSpec()), rows: MOST_LABELS + 1 };
    await expect(readLabels(aRefinery().curated, manifest, aLabelSpec().labels as never)).rejects.toThrow(
      /got sky-labels with/,
    );
  });
});

describe('the consensus of a label set', () => {
  test('resolves what most labellers agree on, leaves ties to people, and does not name the held-out part', async () => {
    const { text, body } = await (await aLabelSet())('consensus');
    expect(text).not.toContain(SECRET);
    expect(body).toMatchObject({
      resolved: [
        { key: ['p1'], label: 'clear', share: 1, labellers: 2 },
        { key: ['p2'], label: 'cloudy', labellers: 3 },
      ],
      open: [{ key: ['p3'], labels: { clear: 1, cloudy: 1 } }],
      heldOut: 1,
    });
  });

  test('asks for as many labellers and as large a share as is said', () => {
    const rows = [1, 1, 1, 2].map(
      (label, i): LabelRow => ({ split: 'train', key: ['x'], labeller: String(i), label: String(label) }),
    );
    expect(consensusOf(rows, { minAgreement: 0.75, minLabellers: 4 }).resolved).toHaveLength(1);
    expect(consensusOf(rows, { minAgreement: 0.76, minLabellers: 4 }).resolved).toHaveLength(0);
    expect(consensusOf(rows, { minAgreement: 0.75, minLabellers: 5 }).resolved).toHaveLength(0);
  });
});

describe('corrections of a label set', () => {
  const correction = (photo: string, labeller: string, label: string) => ({ key: [photo], labeller, label });

  test('are shown with what stands there, but for the held-out part', async () => {
    const corrections = [
      correction('p1', 'ann', 'cloudy'),
      correction('p1', 'bob', 'clear'),
      correction(SECRET, 'ann', 'cloudy'),
      correction('p9', 'ann', 'clear'),
    ];
    const { body } = await (await aLabelSet())('corrections', { method: 'POST', body: { corrections } });
    expect(body).toMatchObject({
      changes: [{ ...corrections[0], before: 'clear' }, corrections[2]],
      same: 1,
      unknown: [corrections[3]],
    });
    expect((body['changes'] as object[])[1]).not.toHaveProperty('before');
  });
});
