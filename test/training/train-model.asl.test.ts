import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { workflowComplaints } from '../../bin/check/workflow-rules.ts';
import { DataErrors } from '../../lambdas/data/contract.ts';
import { RegistryErrors, ScanErrors } from '../../lambdas/registry/contract.ts';
import { type ErrorKind, SharedErrors } from '../../lambdas/shared/errors.ts';
import { FitErrors, TrainingErrors } from '../../lambdas/training/contract.ts';
import { runWorkflow } from '../fakes/workflow.ts';

const FILE = 'training/train-model';
const text = readFileSync(join(import.meta.dirname, '../..', `state-machines/${FILE}.asl.json`), 'utf8');
interface State {
  Type: string;
  Arguments?: { Payload?: { task: string } };
  Retry?: { ErrorEquals: string[]; MaxAttempts: number }[];
}
const states = JSON.parse(text).States as Record<string, State>;

const RUN = { workspace: 'default', runId: 'r1', attempt: 2 };
const ARCHIVE = 's3://artifacts/default/runs/r1/job/x/output/model.tar.gz';

type Answer = unknown | ((payload: Record<string, unknown>, call: number) => unknown);

/** What each step answers when all goes well. */
const WELL: Record<string, Answer> = {
  'resolve-training': { place: 'function', trainedIn: 'r1' },
  'train-model': { trainedIn: 'r1' },
  'prepare-job': { request: { TrainingJobName: 'millrace-r1-2' } },
  '${TrainResource}': { TrainingJobStatus: 'Completed', ModelArtifacts: { S3ModelArtifacts: ARCHIVE } },
  'collect-model': { trainedIn: 'r1' },
  'adopt-model': { trainedIn: 'r1' },
  'evaluate-model': { trainedIn: 'r1', metrics: { auc: 0.8 } },
  'judge-model': { trainedIn: 'r1', passed: true },
  'package-model': { trainedIn: 'r1', bundle: 'sha256:b' },
  'register-model': { runId: 'r1', status: 'succeeded', version: 1 },
  'reject-model': { runId: 'r1', status: 'rejected' },
  'record-failure': ({ error }: Record<string, unknown>) => ({ name: error, message: 'recorded' }),
};

/** The machine with its steps answered; what is given replaces what a step answers when all goes well. */
async function train(given: Record<string, Answer> = {}) {
  const calls: { step: string; target: string; input: Record<string, unknown> }[] = [];
  const end = await runWorkflow(FILE, {
    input: RUN,
    invoke: async (target, payload) => {
      const { task, input } = payload as { task?: string; input?: Record<string, unknown> };
      const step = task ?? target;
      const earlier = calls.filter((call) => call.step === step).length;
      calls.push({ step, target, input: input ?? (payload as Record<string, unknown>) });
      const answer = { ...WELL, ...given }[step];
      return typeof answer === 'function' ? answer(input ?? payload, earlier) : answer;
    },
  });
  return { ...end, calls, steps: calls.map(({ step }) => step) };
}

const named = (name: string) => Object.assign(new Error(`${name} was planned`), { name });
const failing = (name: string) => () => {
  throw named(name);
};
const failingOnce = (name: string, step: string) => (payload: Record<string, unknown>, call: number) => {
  if (call === 0) throw named(name);
  const answer = WELL[step];
  return typeof answer === 'function' ? answer(payload, call) : answer;
};

describe('train-model', () => {
  test('keeps every rule for state machines', () => {
    expect(workflowComplaints(text)).toEqual([]);
  });

  test('trains in the function, evaluates, judges, seals and registers', async () => {
    const end = await train();
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { status: 'succeeded', version: 1 } });
    expect(end.steps).toEqual([
      ...['resolve-training', 'train-model', 'evaluate-model', 'judge-model', 'package-model', 'register-model'],
    ]);
    expect(end.calls.at(-1)?.input).toEqual({ ...RUN, trainedIn: 'r1', bundle: 'sha256:b' });
  });

  test('tells every step its workspace, run and attempt', async () => {
    for (const { step, input } of (await train()).calls)
      expect([step, input]).toEqual([step, expect.objectContaining(RUN)]);
  });

  test('takes an earlier model where spec, data and trainer are the same', async () => {
    const end = await train({ 'resolve-training': { place: 'cache', trainedIn: 'r0' } });
    expect(end.steps).toEqual([
      ...['resolve-training', 'evaluate-model', 'judge-model', 'package-model', 'register-model'],
    ]);
    expect(end.calls[1]?.input).toEqual({ ...RUN, trainedIn: 'r0' });
  });

  test('runs a script as a training job, with the role that the machine passes on', async () => {
    const end = await train({ 'resolve-training': { place: 'job', trainedIn: 'r1' } });
    expect(end.status).toBe('SUCCEEDED');
    expect(end.steps.slice(1, 4)).toEqual(['prepare-job', '${TrainResource}', 'collect-model']);
    expect(end.calls[2]?.input).toEqual({ TrainingJobName: 'millrace-r1-2', RoleArn: '${TrainingRole}' });
    expect(end.calls[3]?.input).toEqual({ ...RUN, archive: ARCHIVE });
  });

  test('takes the model of a version that a client made, and judges it as any other', async () => {
    const end = await train({ 'resolve-training': { place: 'adopt', trainedIn: 'r1' } });
    expect(end.status).toBe('SUCCEEDED');
    expect(end.steps).toEqual([
      ...['resolve-training', 'adopt-model', 'evaluate-model', 'judge-model', 'package-model', 'register-model'],
    ]);
    expect(end.calls[1]).toMatchObject({ target: '${Tasks}', input: RUN });
  });

  test('a place that nobody knows is recorded as a failure', async () => {
    const end = await train({ 'resolve-training': { place: 'moon', trainedIn: 'r1' } });
    expect(end).toMatchObject({ status: 'FAILED', error: 'TrainerUnknown' });
    expect(end.steps).toEqual(['resolve-training', 'record-failure']);
  });

  test('registers nothing when the gate does not pass, and the execution ends well', async () => {
    const end = await train({ 'judge-model': { trainedIn: 'r1', passed: false } });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { status: 'rejected' } });
    expect(end.steps).toEqual([
      ...['resolve-training', 'train-model', 'evaluate-model', 'judge-model', 'reject-model'],
    ]);
  });

  const tasks = Object.entries(states).filter(([, { Type }]) => Type === 'Task');
  const stepOf = ([name, state]: (typeof tasks)[number]) =>
    [name, state.Arguments?.Payload?.task ?? '${TrainResource}'] as const;
  /** What leads to a state that a run without trouble does not pass. */
  const ROUTES: Record<string, Record<string, Answer>> = {
    PrepareJob: { 'resolve-training': { place: 'job', trainedIn: 'r1' } },
    TrainByScript: { 'resolve-training': { place: 'job', trainedIn: 'r1' } },
    CollectModel: { 'resolve-training': { place: 'job', trainedIn: 'r1' } },
    Adopt: { 'resolve-training': { place: 'adopt', trainedIn: 'r1' } },
    Reject: { 'judge-model': { trainedIn: 'r1', passed: false } },
  };
  const steps = tasks.map(stepOf).filter(([name]) => name !== 'RecordFailure');

  test.each(steps)('%s: an error that stays is recorded, and the execution fails with it', async (name, step) => {
    const end = await train({ ...ROUTES[name], [step]: failing('Unplanned') });
    expect(end).toMatchObject({ status: 'FAILED', error: 'Unplanned', cause: 'recorded' });
    expect(end.visited.at(-3)).toBe(name);
    expect(end.calls.at(-1)).toMatchObject({
      step: 'record-failure',
      target: '${Release}',
      input: { ...RUN, error: 'Unplanned', cause: expect.stringContaining('Unplanned was planned') },
    });
  });

  test.each(steps)('%s: a worker that dies is replaced', async (name, step) => {
    const end = await train({ ...ROUTES[name], [step]: failingOnce('Runtime.ExitError', step) });
    expect(end.status).toBe('SUCCEEDED');
    expect(end.steps.filter((each) => each === step)).toHaveLength(2);
  });

  test.each(steps)('%s: an answer about the input is not asked for again', async (name, step) => {
    const [permanent] = states[name]?.Retry ?? [];
    expect(permanent?.MaxAttempts).toBe(0);
    for (const error of permanent?.ErrorEquals ?? []) {
      const end = await train({ ...ROUTES[name], [step]: failing(error) });
      expect(end).toMatchObject({ status: 'FAILED', error });
      expect(end.steps.filter((each) => each === step)).toHaveLength(1);
    }
  });

  test('a failure that cannot be recorded still fails the execution, after tries', async () => {
    const end = await train({ 'train-model': failing('Unplanned'), 'record-failure': failing('ServiceUnavailable') });
    expect(end).toMatchObject({ status: 'FAILED', error: 'ServiceUnavailable' });
    expect(end.steps.filter((step) => step === 'record-failure')).toHaveLength(4);
  });

  test('a failure is recorded by a worker that replaces one that died', async () => {
    const end = await train({
      'train-model': failing('Unplanned'),
      'record-failure': failingOnce('Runtime.ExitError', 'record-failure'),
    });
    expect(end).toMatchObject({ status: 'FAILED', error: 'Unplanned', cause: 'recorded' });
  });

  test('what is never tried again are errors that say so by their kind', () => {
    const kinds = Object.assign(
      {},
      ...[SharedErrors, DataErrors, RegistryErrors, ScanErrors, FitErrors, TrainingErrors].map(
        ({ kinds: each }) => each,
      ),
    ) as Record<string, ErrorKind>;
    const lasting: readonly ErrorKind[] = ['invalid', 'missing', 'denied', 'exists', 'conflict', 'unexpected'];
    const never = tasks.flatMap(([, { Retry }]) => Retry?.filter(({ MaxAttempts }) => MaxAttempts === 0) ?? []);
    for (const name of never.flatMap(({ ErrorEquals }) => ErrorEquals)) {
      expect([name, lasting.includes(kinds[name] as ErrorKind)]).toEqual([name, true]);
    }
  });

  test('no refusal of the trainer or the scanner is tried again', () => {
    const permanent = (name: string) => states[name]?.Retry?.[0]?.ErrorEquals ?? [];
    const { EvaluationInputInvalid: _judged, ...fit } = FitErrors.kinds;
    expect(permanent('Train')).toEqual(expect.arrayContaining([...Object.keys(fit), ...Object.keys(ScanErrors.kinds)]));
    expect(permanent('Adopt')).toEqual(expect.arrayContaining(Object.keys(ScanErrors.kinds)));
    expect(permanent('CollectModel')).toEqual(expect.arrayContaining(Object.keys(ScanErrors.kinds)));
  });
});
