import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AwsClients, awsClients } from '../../../bin/local/aws-clients.ts';
import { type Emulator, startEmulator } from '../../../bin/local/emulator.ts';
import { projectRoot, python } from '../../../bin/local/places.ts';
import { FUNCTION, modelFunction } from './model-function.ts';

/** Every correction of launcher.py, each against the sentence of AWS's documentation that it stands for. */
let emulator: Emulator;
let clients: AwsClients;
let model: ReturnType<typeof modelFunction>;

beforeAll(async () => {
  emulator = await startEmulator({ waitScale: 0 });
  clients = awsClients(emulator.endpoint);
  model = modelFunction(clients);
  await model.create();
}, 30_000);

afterAll(async () => {
  clients?.destroy();
  await emulator?.stop();
});

describe('an alias with two versions', () => {
  test('sends the second its share of the invocations', async () => {
    await model.moveLive('1', { 2: 0.25 });
    const versions: string[] = [];
    for (let i = 0; i < 50; i += 1) {
      const four = await Promise.all([model.invoke(), model.invoke(), model.invoke(), model.invoke()]);
      versions.push(...four.map(({ ExecutedVersion = '' }) => ExecutedVersion));
    }
    const second = versions.filter((version) => version === '2').length;
    // 200 draws at 0.25: 50 +- 6.1; the bounds are 4.5 standard deviations away.
    expect(second).toBeGreaterThan(22);
    expect(second).toBeLessThan(78);
    expect(new Set(versions)).toEqual(new Set(['1', '2']));
  });

  test('tells the function the version that runs and the alias that was called', async () => {
    await model.moveLive('1', { 2: 1 });
    const { answer, ExecutedVersion } = await model.invoke();
    expect(ExecutedVersion).toBe('2');
    expect(answer.version).toBe('2');
    expect(answer.arn).toMatch(/:model-endpoint:live$/);
  });

  test('shares the calls of a state machine too', async () => {
    await model.moveLive('1', { 2: 1 });
    await expect(model.execute({}, {})).resolves.toMatchObject({ status: 'SUCCEEDED', output: { version: '2' } });
  });

  test('goes back to one version when the weights are taken away', async () => {
    await model.moveLive('1', { 2: 1 });
    await model.moveLive('2', {});
    await expect(model.invoke()).resolves.toMatchObject({ ExecutedVersion: '2' });
  });

  test('answers questions about its configuration with its own version', async () => {
    await model.moveLive('1', { 2: 1 });
    const about = { FunctionName: FUNCTION, Qualifier: 'live' };
    await expect(clients.lambda.send(new GetFunctionConfigurationCommand(about))).resolves.toMatchObject({
      Version: '1',
    });
  });
});

describe('weights are refused', () => {
  const refused = expect.objectContaining({ name: 'InvalidParameterValueException' });
  test('when the alias points to $LATEST', async () => {
    await expect(model.moveLive('$LATEST', { 2: 0.1 })).rejects.toEqual(refused);
    await expect(model.createAlias('fresh', '$LATEST', { 2: 0.1 })).rejects.toEqual(refused);
  });

  test('when the second version is $LATEST', async () => {
    await expect(model.moveLive('1', { $LATEST: 0.1 })).rejects.toEqual(refused);
    await expect(model.createAlias('fresh', '1', { $LATEST: 0.1 })).rejects.toEqual(refused);
  });

  test('when the second version was never published', async () => {
    await expect(model.moveLive('1', { 99: 0.1 })).rejects.toEqual(refused);
  });

  test('for more than two versions', async () => {
    await expect(model.moveLive('1', { 2: 0.1, 3: 0.1 })).rejects.toEqual(refused);
  });

  test('when the two versions run under different roles', async () => {
    await model.moveLive('2', {});
    await model.runAs('OtherRole');
    const third = await model.publish('three');
    await model.runAs('Role');
    await expect(model.moveLive('2', { [third]: 0.1 })).rejects.toEqual(refused);
  });

  test('and the alias stays as it was', async () => {
    await model.moveLive('1', { 2: 1 });
    await expect(model.moveLive('$LATEST', { 2: 0.1 })).rejects.toEqual(refused);
    await expect(model.invoke()).resolves.toMatchObject({ ExecutedVersion: '2' });
  });
});

describe("a thrown error's name", () => {
  test('is the errorType of the answer', async () => {
    const { answer, FunctionError } = await model.invoke({ fail: 'ModelMissing' });
    expect(FunctionError).toBe('Unhandled');
    expect(answer).toMatchObject({ errorType: 'ModelMissing', errorMessage: 'model 7 is not ready' });
  });

  test('is Runtime.ExitError when the function has ended its process instead', async () => {
    const { answer } = await model.invoke({ exit: 3 });
    expect(answer).toMatchObject({ errorType: 'Runtime.ExitError' });
  });

  test('is caught by a state machine', async () => {
    const Catch = [
      { ErrorEquals: ['SomethingElse'], Next: 'Call' },
      { ErrorEquals: ['ModelMissing'], Output: { Error: '{% $states.errorOutput.Error %}' }, Next: 'Caught' },
    ];
    await expect(model.execute({ Catch }, { fail: 'ModelMissing' })).resolves.toEqual({
      status: 'SUCCEEDED',
      error: undefined,
      output: { caught: 'ModelMissing' },
    });
  });

  test('ends a state machine that does not catch it', async () => {
    await expect(model.execute({}, { fail: 'ModelMissing' })).resolves.toMatchObject({
      status: 'FAILED',
      error: 'ModelMissing',
    });
  });
});

describe('the permission to move one alias', () => {
  test('is of its own, and for that alias only', async () => {
    await expect(model.askMover(FUNCTION)).resolves.toEqual({
      UpdateAlias: 'done',
      ListAliases: 'AccessDeniedException',
    });
    await expect(model.askMover('mover')).resolves.toMatchObject({ UpdateAlias: 'AccessDeniedException' });
  });
});

describe('the log lines of an invocation', () => {
  test('all come with its answer, in order', async () => {
    const { logs } = await model.invoke({ lines: 300 });
    expect(logs.split('\n')).toEqual(Array.from({ length: 300 }, (_, n) => `line ${n}`));
  });

  test('do not mix with those of the next', async () => {
    await model.invoke({ lines: 3 });
    const { logs } = await model.invoke({ unfinished: 'no newline at the end' });
    expect(logs).toBe('no newline at the end');
  });

  test('are not waited for when there are none', async () => {
    await model.invoke();
    const took: number[] = [];
    for (let i = 0; i < 15; i += 1) {
      const began = performance.now();
      await model.invoke();
      took.push(performance.now() - began);
    }
    // The emulator alone takes 50 ms more for each.
    expect(Math.min(...took)).toBeLessThan(40);
  });
});

test('the launcher refuses an emulator whose text it does not know', () => {
  const script = 'import sys, json, launcher; launcher.correct(json, "dumps", "0123", ("a", "b"))';
  const { status, stderr } = spawnSync(python, ['-c', script], {
    cwd: join(projectRoot, 'bin/local'),
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^launcher: json\.dumps has changed \(\w{4}, known is 0123\): check this version of MiniStack/,
  );
});
