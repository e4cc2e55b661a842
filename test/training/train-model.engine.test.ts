import { beforeAll, describe, expect, test } from '@jest/globals';
import { readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { walk } from '../../lambdas/lineage/graph.ts';
import { modelFact, recordLive } from '../../lambdas/registry/contract.ts';
import { parseJson } from '../../lambdas/shared/objects.ts';
import { Baseline } from '../../lambdas/training/baseline.ts';
import { Golden } from '../../lambdas/training/golden.ts';
import { requireRun } from '../../lambdas/training/run-store.ts';
import { AT, aSeattlePlatform, openVersion, type TrainingPlatform, versionsOf } from '../builders/training-platform.ts';
import { rainSpecText } from '../builders/training-spec.ts';
import { train } from '../builders/training-steps.ts';

/** What serving does when a rollout has completed. */
const makeLive = ({ table }: TrainingPlatform, version: number) =>
  recordLive(table, {
    ...{ workspace: 'default', model: 'rain', version, rollout: ref('rollout', 'default', `rain-${version}`) },
    ...{ action: 'rollout-completed', actor: 'tests', at: AT },
  });

describe('training on the real weather of Seattle', () => {
  let platform: TrainingPlatform;
  let runId: string;
  beforeAll(async () => {
    platform = await aSeattlePlatform();
    const run = await platform.start();
    runId = run.runId;
    expect(await train(platform, run)).toMatchObject({
      status: 'SUCCEEDED',
      output: { status: 'succeeded', version: 1 },
    });
  });

  test('beats the base rate and persistence by what scikit-learn was seen to', async () => {
    const { metrics, gate, status, version } = await requireRun(platform.table, 'default', runId);
    expect({ status, version }).toEqual({ status: 'succeeded', version: 1 });
    expect(metrics?.['auc']).toBeCloseTo(0.77, 2);
    expect(metrics?.['brier']).toBeCloseTo(0.19, 2);
    expect(gate?.passed).toBe(true);
    expect(gate?.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['brier against base-rate', true],
      ['auc against base-rate', true],
      ['brier against persistence', true],
      ['auc against persistence', true],
      ['brier against champion in Seattle', true],
      ['auc against champion in Seattle', true],
    ]);
  });

  test('does not teach the last day of 2014, whose tomorrow belongs to the judging year', async () => {
    const { manifest } = await openVersion(platform, 1);
    expect(manifest.data.split).toEqual({
      ...{ by: 'date', testFrom: '2015-01-01' },
      rows: { train: 1095, positives: 479, withoutOutcome: 1, withoutFeature: 0 },
    });
  });

  test('seals what was trained on, with which code and parameters, and proves parity on every row', async () => {
    const { manifest } = await openVersion(platform, 1);
    const run = await requireRun(platform.table, 'default', runId);
    expect(manifest).toMatchObject({
      data: { dataset: 'weather', version: run.datasetVersion },
      code: { commit: 'abcdef1', dirty: false, spec: run.spec, trainer: platform.deps.trainerCode },
      trainedWith: { trainer: 'logistic-regression', node: '24.0.0', image: null },
      parity: { rows: 1095, tolerance: 1e-6 },
      metrics: run.metrics,
    });
    expect(manifest.parity['largest']).toBeLessThanOrEqual(1e-6);
    expect(manifest.model.inputs.map(({ name }) => name)).toEqual(['precipitation', 'temp_max', 'temp_min', 'wind']);
  });

  test('seals a golden set that the model answers, and a baseline of what it was taught', async () => {
    const { files } = await openVersion(platform, 1);
    const golden = Golden.parse(parseJson(files['golden.json']));
    expect(golden).toMatchObject({ rows: 50, tolerance: 1e-6 });
    const model = await platform.deps.loadModel(files['model.onnx']);
    const columns = golden.inputs.map(({ data }) => Float64Array.from(data));
    expect(await model.run({ names: golden.inputs.map(({ name }) => name), columns })).toEqual(golden.outputs);
    const baseline = Baseline.parse(parseJson(files['baseline.json']));
    expect([baseline.rows, baseline.features.map(({ name }) => name), baseline.output.name]).toEqual([
      ...[1095, ['precipitation', 'temp_max', 'temp_min', 'wind'], 'probability'],
    ]);
  });

  test('leads from the version back to data, spec and commit', async () => {
    const { nodes } = await walk(platform.table, ref('model-version', 'default', 'rain/1'), { direction: 'upstream' });
    const run = await requireRun(platform.table, 'default', runId);
    expect(nodes.map((node) => node.ref)).toEqual(
      expect.arrayContaining([
        ref('bundle', 'default', run.bundle as string),
        ref('run', 'default', runId),
        ref('dataset-version', 'default', `weather/${run.datasetVersion}`),
        ref('spec', 'default', run.spec),
        ref('code', 'default', 'abcdef1'),
      ]),
    );
  });

  test('tells of the spec and the version in the model’s ledger', async () => {
    const ledger = await readLedger(platform.table, ref('model', 'default', 'rain'));
    expect(ledger.map(({ action }) => action)).toEqual(['spec-applied', 'model-version-registered']);
  });

  test('makes nobody champion: that is for people', async () => {
    expect(await modelFact(platform.table, 'default', 'rain')).toMatchObject({ aliases: {} });
  });
});

describe('a challenger', () => {
  test('is judged with the live version on the same days of both cities, overall and in each', async () => {
    const platform = await aSeattlePlatform();
    await train(platform, await platform.start());
    await makeLive(platform, 1);
    await platform.land({ location: 'New York' });
    const run = await platform.start({ dedupe: 'second' });
    expect(await train(platform, run)).toMatchObject({ output: { status: 'succeeded', version: 2 } });
    const { gate } = await requireRun(platform.table, 'default', run.runId);
    const byName = Object.fromEntries((gate?.checks ?? []).map((check) => [check.name, check]));
    expect(byName['brier against champion in New York']?.observed).toBeGreaterThan(0.01);
    expect(Math.abs(byName['brier against champion in Seattle']?.observed as number)).toBeLessThan(0.005);
    const evaluation = parseJson<{ champion: unknown; evaluation: { groups: Record<string, never> } }>(
      (await platform.artifacts.get(`default/runs/${run.runId}/evaluation.json`)) as Uint8Array,
    );
    expect(evaluation.champion).toMatchObject({ version: 1 });
    const brier = (judged: { metrics: { brier: number } }) => judged.metrics.brier.toFixed(2);
    const newYork = evaluation.evaluation.groups['New York'] as never as {
      metrics: { brier: number };
      rivals: { champion: { metrics: { brier: number } } };
    };
    expect([brier(newYork), brier(newYork.rivals.champion)]).toEqual(['0.21', '0.22']);
  });

  test('that is not better registers nothing, and its run says which checks it failed', async () => {
    const platform = await aSeattlePlatform();
    await platform.apply(
      rainSpecText().replace('{ metric: auc, against: persistence }', '{ metric: auc, against: persistence, by: 0.2 }'),
    );
    const run = await platform.start();
    expect(await train(platform, run)).toMatchObject({ status: 'SUCCEEDED', output: { status: 'rejected' } });
    const ended = await requireRun(platform.table, 'default', run.runId);
    expect(ended).toMatchObject({ status: 'rejected', gate: { passed: false } });
    expect(ended.gate?.checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual([
      'auc against persistence',
    ]);
    expect([await versionsOf(platform), platform.bundles.keys()]).toEqual([0, []]);
  });

  test('with the same spec, data and trainer is not trained again, and is a version of its own', async () => {
    const platform = await aSeattlePlatform();
    const first = await platform.start();
    await train(platform, first);
    const second = await platform.start({ dedupe: 'second' });
    const end = await train(platform, second);
    expect(end.visited).not.toContain('Train');
    expect(await requireRun(platform.table, 'default', second.runId)).toMatchObject({
      ...{ status: 'succeeded', version: 2, reusedFrom: first.runId },
    });
  });

  test.each([
    [
      'parameters',
      async (platform: TrainingPlatform) => void (await platform.apply(rainSpecText().replace('l2: 1', 'l2: 2'))),
    ],
    ['data', async (platform: TrainingPlatform) => void (await platform.land({ location: 'New York' }))],
    [
      'trainer',
      async ({ deps }: TrainingPlatform) => void Object.assign(deps, { trainerCode: `sha256:${'d'.repeat(64)}` }),
    ],
  ])('with other %s is trained', async (_, change) => {
    const platform = await aSeattlePlatform();
    await train(platform, await platform.start());
    await change(platform);
    expect((await train(platform, await platform.start({ dedupe: 'second' }))).visited).toContain('Train');
  });

  test('with another gate only is judged again without training', async () => {
    const platform = await aSeattlePlatform();
    await train(platform, await platform.start());
    await platform.apply(rainSpecText().replace('mayBeWorseBy: 0.01', 'mayBeWorseBy: 0.02'));
    const end = await train(platform, await platform.start({ dedupe: 'second' }));
    expect([end.visited.includes('Train'), end.visited.includes('Judge')]).toEqual([false, true]);
  });
});
