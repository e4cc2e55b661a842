import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ref } from '../../lambdas/lineage/contract.ts';
import { verifySubject, walk } from '../../lambdas/lineage/graph.ts';
import { createCandidate, createModel, modelFact, modelVersion, setChampion } from '../../lambdas/registry/contract.ts';
import { hearCandidates } from '../../lambdas/training/hear-candidates.ts';
import { RUN_FILES } from '../../lambdas/training/run-files.ts';
import { findRun } from '../../lambdas/training/run-store.ts';
import { AT, aSeattlePlatform, openVersion, type TrainingPlatform } from '../builders/training-platform.ts';
import { rainSpecText } from '../builders/training-spec.ts';
import { train } from '../builders/training-steps.ts';

const FOLDER = 'default/mlflow/1/models/m-1/artifacts';
const DESCRIPTION = `artifact_path: mlflow-artifacts:/1/models/m-1/artifacts
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_version: 1.19.0
    providers: [CPUExecutionProvider]
  python_function:
    loader_module: mlflow.onnx
    data: model.onnx
model_id: m-1
`;
const PICKLED = `flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: model.pkl
  sklearn:
    pickled_model: model.pkl
    serialization_format: cloudpickle
`;

/** A model of the weather as a client's program exports it. */
let onnx: Uint8Array;
beforeAll(async () => {
  const platform = await aSeattlePlatform();
  const run = await platform.start();
  await train(platform, run);
  onnx = (await platform.artifacts.get(`default/runs/${run.runId}/${RUN_FILES.model}`)) as Uint8Array;
}, 60_000);

let platform: TrainingPlatform;
let sent: number;
beforeEach(async () => {
  platform = await aSeattlePlatform();
  sent = 0;
  await createModel(platform.table, { workspace: 'default', model: 'rain', actor: 't-1', at: AT, token: 'model' });
}, 60_000);

/** A version as `mlflow.onnx.log_model(..., registered_model_name='rain')` leaves it. */
async function logged({ description = DESCRIPTION, file = onnx }: { description?: string; file?: Uint8Array } = {}) {
  await platform.artifacts.put(`${FOLDER}/MLmodel`, description);
  await platform.artifacts.put(`${FOLDER}/model.onnx`, file);
  const { version } = await createCandidate(platform.table, {
    ...{ workspace: 'default', model: 'rain', actor: 't-1', at: AT, token: `version-${++sent}` },
    ...{ source: 'models:/m-1', storage: 'mlflow-artifacts:/1/models/m-1/artifacts', runId: 'b'.repeat(32) },
  });
  return version;
}
const hear = (type: string, detail: Record<string, unknown>) =>
  hearCandidates(platform.deps, { type, detail: { workspace: 'default', model: 'rain', ...detail } });
const registered = (version: number) => hear('ModelVersionRegistered', { version, candidate: true });
const show = async (version = 1) => modelVersion(platform.table, 'default', 'rain', version);
const why = async (version = 1) => (await show(version))?.tags['millrace.candidate'];
/** Runs what was started, to its end. */
async function judged() {
  const [name] = [...platform.executions.started()].map(([each]) => each).slice(-1);
  const [runId = '', attempt] = (name ?? '').split('-');
  const end = await train(platform, { runId, attempt: Number(attempt) });
  return { end, run: await findRun(platform.table, 'default', runId) };
}
const events = async () =>
  (platform.table as unknown as { items(): { sk: string; event?: { type: string; detail: unknown } }[] })
    .items()
    .filter(({ sk }) => sk === 'event')
    .map(({ event }) => event);

describe('a version made with a client whose model has a spec', () => {
  test('is judged on the held-out rows, sealed, and is the same version with a bundle', async () => {
    const version = await logged();
    await registered(version);
    expect(await why()).toMatch(/^is being judged by run [0-9a-f]{32}$/);
    const { end, run } = await judged();
    expect(end.status).toBe('SUCCEEDED');
    expect(end.visited).not.toContain('Train');
    expect(run).toMatchObject({ status: 'succeeded', version: 1, adopts: 1, gate: { passed: true } });
    expect(await show()).toMatchObject({ bundle: run?.bundle, tags: {}, runId: 'b'.repeat(32), source: 'models:/m-1' });
    expect(await modelFact(platform.table, 'default', 'rain')).toMatchObject({ latestVersion: 1, aliases: {} });
    const { manifest } = await openVersion(platform, 1);
    expect(manifest).toMatchObject({ trainedWith: { trainer: 'mlflow onnx 1.19.0' }, data: { dataset: 'weather' } });
    expect(manifest.metrics['auc']).toBeCloseTo(0.772, 3);
    const { nodes } = await walk(platform.table, ref('model-version', 'default', 'rain/1'), { direction: 'upstream' });
    expect(nodes.map((node) => node.ref.split(':')[0])).toEqual(
      expect.arrayContaining(['bundle', 'run', 'dataset-version', 'spec']),
    );
    expect(await verifySubject(platform.table, ref('model', 'default', 'rain'))).toMatchObject({ intact: true });
  });

  test('that is champion already is rolled out once it has its bundle', async () => {
    const version = await logged();
    await setChampion(platform.table, { workspace: 'default', model: 'rain', version, actor: 't-1', at: AT });
    await hear('CandidateChosen', { version });
    expect((await show())?.tags['millrace.rollout']).toMatch(/^candidate: is being judged by run/);
    expect((await events()).filter((each) => each?.type === 'ChampionChosen')).toEqual([]);
    await judged();
    const { bundle, tags } = (await show()) ?? {};
    expect(tags).toEqual({});
    expect((await events()).filter((each) => each?.type === 'ChampionChosen')).toEqual([
      expect.objectContaining({ detail: { model: 'rain', version: 1, bundle } }),
    ]);
  });

  test('is judged once, however often the news arrives', async () => {
    const version = await logged();
    for (let i = 0; i < 3; i++) await registered(version);
    expect(platform.executions.started().size).toBe(1);
    await judged();
    await registered(version);
    await hear('SpecApplied', {});
    expect(platform.executions.started().size).toBe(1);
    expect((await show())?.tags).toEqual({});
  });

  test('that does not pass the gate says which checks failed', async () => {
    await platform.apply(rainSpecText().replace('against: persistence }', 'against: persistence, by: 0.5 }'));
    await registered(await logged());
    const { end, run } = await judged();
    expect([end.status, run?.status]).toEqual(['SUCCEEDED', 'rejected']);
    expect(await why()).toMatch(/^gate: .*persistence.* failed$/);
    expect((await show())?.bundle).toBeUndefined();
  });

  test('whose inputs are other than the spec’s says what it has and what is expected', async () => {
    await platform.apply(rainSpecText().replace(/features: \[([^\]]*), [^,\]]+\]/, 'features: [$1]'));
    await registered(await logged());
    const { end } = await judged();
    expect(end.status).toBe('FAILED');
    expect(await why()).toMatch(/^inputs are .*, expected FP32 \[-1, 1\] for each of/);
  });
});

describe('a version made with a client that cannot become a bundle', () => {
  test.each([
    ['was pickled', { description: PICKLED }, /^format sklearn \(cloudpickle\) is stored, never loaded$/],
    [
      'is a Python function',
      { description: 'flavors:\n  python_function: { loader_module: x }\n' },
      /^format python_function \(code\) is stored, never loaded$/,
    ],
    ['has a description that is no YAML', { description: 'flavors: [' }, /^MLmodel: is no YAML/],
    ['has a description that names nothing', { description: 'flavors: 7' }, /^MLmodel: names no flavors$/],
    ['has a description that unfolds without end', { description: bomb() }, /^MLmodel: its aliases stand for more/],
    [
      'names a file elsewhere',
      { description: DESCRIPTION.replaceAll('model.onnx', '../../x.onnx') },
      /expected the name of a file beside it/,
    ],
    [
      'names a file that is not there',
      { description: DESCRIPTION.replaceAll('model.onnx', 'other.onnx') },
      /it is not there$/,
    ],
  ])('because it %s says so, and no run starts', async (_, given, message) => {
    await registered(await logged(given));
    expect(await why()).toMatch(message);
    expect(platform.executions.started().size).toBe(0);
  });

  test('because its file is no ONNX says so after the scanner saw it, and nothing loaded it', async () => {
    await registered(await logged({ file: Buffer.from('\x80\x04pickle') }));
    const { end } = await judged();
    expect(end.status).toBe('FAILED');
    expect(await why()).toMatch(/^ModelFile\w+: /);
  });

  test.each([
    ['elsewhere', 's3://their-bucket/model'],
    ['in another workspace', 's3://artifacts/blue/mlflow/1/models/m-1/artifacts'],
    ['upwards', 'mlflow-artifacts:/1/../../blue/mlflow/x'],
  ])('because its files are %s says so', async (_, source) => {
    const given = { workspace: 'default', model: 'rain', actor: 't-1', at: AT, token: 'x', source };
    await registered((await createCandidate(platform.table, given)).version);
    expect(await why()).toMatch(/outside of the platform's storage$/);
  });
});

describe('a version made before its model had a spec', () => {
  test('says so; the spec finds the newest and the champion, and leaves the older ones', async () => {
    await createModel(platform.table, { workspace: 'default', model: 'snow', actor: 't-1', at: AT, token: 'snow' });
    const given = {
      workspace: 'default',
      model: 'snow',
      actor: 't-1',
      at: AT,
      source: 'mlflow-artifacts:/1/models/m-1/artifacts',
    };
    await createCandidate(platform.table, { ...given, token: 'a' });
    await hear('ModelVersionRegistered', { model: 'snow', version: 1, candidate: true });
    expect((await modelVersion(platform.table, 'default', 'snow', 1))?.tags).toEqual({
      'millrace.candidate': 'no spec',
    });

    for (let i = 0; i < 4; i++) await logged();
    await setChampion(platform.table, { workspace: 'default', model: 'rain', version: 2, actor: 't-1', at: AT });
    await hear('SpecApplied', {});
    expect(await Promise.all([1, 2, 3, 4].map(async (version) => Boolean(await why(version))))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(platform.executions.started().size).toBe(2);
  });

  test('a prompt, and what a training registered, are nobody’s candidates', async () => {
    await hear('ModelVersionRegistered', { version: await logged(), candidate: true, prompt: true });
    await hear('ModelVersionRegistered', { version: 1, bundle: 'sha256:x' });
    expect((await show())?.tags).toEqual({});
    expect(platform.executions.started().size).toBe(0);
  });
});

/** Ten anchors, each ten times the one before. */
function bomb(): string {
  const lines = ['a0: &a0 [x, x]'];
  for (let i = 1; i < 10; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return [...lines, 'flavors: *a9'].join('\n');
}
