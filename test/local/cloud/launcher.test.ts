import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AwsClients, awsClients } from '../../../bin/local/aws-clients.ts';
import { type Emulator, startEmulator } from '../../../bin/local/emulator.ts';
import { projectRoot, python } from '../../../bin/local/places.ts';
import { createStack, inlineFunction, role } from './inline-stack.ts';

/** Every correction of launcher.py, each against the sentence of AWS's documentation that it stands for. */
let emulator: Emulator;
let clients: AwsClients;

const CODE = `
exports.handler = async ({ exit, fail, lines = 0, unfinished }, { functionVersion, invokedFunctionArn }) => {
  for (let i = 0; i < lines; i += 1) console.log('line ' + i);
  if (unfinished) process.stdout.write(unfinished);
  if (exit) process.exit(exit);
  if (fail) throw Object.assign(new Error('model 7 is not ready'), { name: fail });
  return { version: functionVersion, arn: invokedFunctionArn };
};`;
const FUNCTION = 'model-endpoint';

const MOVER = `
const { LambdaClient, ListAliasesCommand, UpdateAliasCommand } = require('@aws-sdk/client-lambda');
const lambda = new LambdaClient({});
const outcome = (command) => lambda.send(command).then(() => 'done', ({ name }) => name);
exports.handler = async (input) => ({
  UpdateAlias: await outcome(new UpdateAliasCommand(input)),
  ListAliases: await outcome(new ListAliasesCommand(input)),
});`;

beforeAll(async () => {
  emulator = await startEmulator({ waitScale: 0 });
  clients = awsClients(emulator.endpoint);
  await createStack(clients, 'launcher', {
    Role: role('lambda'),
    OtherRole: role('lambda'),
    Workflow: role('states', { Action: ['lambda:InvokeFunction'], Resource: '*' }),
    Function: inlineFunction('Role', CODE, { FunctionName: FUNCTION }),
    MoverRole: role('lambda', { Action: ['lambda:UpdateAlias'], Resource: { 'Fn::GetAtt': ['Function', 'Arn'] } }),
    Mover: inlineFunction('MoverRole', MOVER, { FunctionName: 'mover' }),
  });
  await publish('one');
  await publish('two');
  await clients.lambda.send(new CreateAliasCommand({ FunctionName: FUNCTION, Name: 'live', FunctionVersion: '1' }));
}, 30_000);

afterAll(async () => {
  clients?.destroy();
  await emulator?.stop();
});

async function publish(description: string): Promise<string> {
  const change = { FunctionName: FUNCTION, Description: description };
  await clients.lambda.send(new UpdateFunctionConfigurationCommand(change));
  const { Version = '' } = await clients.lambda.send(new PublishVersionCommand(change));
  return Version;
}

const moveLive = (FunctionVersion: string, weights: Record<string, number>) =>
  clients.lambda.send(
    new UpdateAliasCommand({
      FunctionName: FUNCTION,
      Name: 'live',
      FunctionVersion,
      RoutingConfig: { AdditionalVersionWeights: weights },
    }),
  );

async function invoke(event: object = {}, Qualifier = 'live') {
  const { Payload, ...rest } = await clients.lambda.send(
    new InvokeCommand({ FunctionName: FUNCTION, Qualifier, LogType: 'Tail', Payload: JSON.stringify(event) }),
  );
  const logs = Buffer.from(rest.LogResult ?? '', 'base64').toString();
  return { ...rest, logs, answer: JSON.parse(Buffer.from(Payload ?? []).toString()) };
}

/** One execution of a state machine with a single task that calls the alias. */
async function execute(task: object, input: object) {
  const { stateMachineArn } = await clients.sfn.send(
    new CreateStateMachineCommand({
      name: `one-task-${Math.random().toString(36).slice(2)}`,
      type: 'EXPRESS',
      roleArn: await roleArn('Workflow'),
      definition: JSON.stringify({
        QueryLanguage: 'JSONata',
        StartAt: 'Call',
        States: {
          Call: {
            Type: 'Task',
            Resource: `arn:aws:lambda:us-east-1:000000000000:function:${FUNCTION}:live`,
            Arguments: '{% $states.input %}',
            End: true,
            ...task,
          },
          Caught: { Type: 'Pass', Output: { caught: '{% $states.input.Error %}' }, End: true },
        },
      }),
    }),
  );
  const { status, output, error } = await clients.sfn.send(
    new StartSyncExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return { status, error, output: output && JSON.parse(output) };
}

describe('an alias with two versions', () => {
  test('sends the second its share of the invocations', async () => {
    await moveLive('1', { 2: 0.25 });
    const versions: string[] = [];
    for (let i = 0; i < 50; i += 1) {
      const four = await Promise.all([invoke(), invoke(), invoke(), invoke()]);
      versions.push(...four.map(({ ExecutedVersion = '' }) => ExecutedVersion));
    }
    const second = versions.filter((version) => version === '2').length;
    // 200 draws at 0.25: 50 +- 6.1; the bounds are 4.5 standard deviations away.
    expect(second).toBeGreaterThan(22);
    expect(second).toBeLessThan(78);
    expect(new Set(versions)).toEqual(new Set(['1', '2']));
  });

  test('tells the function the version that runs and the alias that was called', async () => {
    await moveLive('1', { 2: 1 });
    const { answer, ExecutedVersion } = await invoke();
    expect(ExecutedVersion).toBe('2');
    expect(answer.version).toBe('2');
    expect(answer.arn).toMatch(/:model-endpoint:live$/);
  });

  test('shares the calls of a state machine too', async () => {
    await moveLive('1', { 2: 1 });
    await expect(execute({}, {})).resolves.toMatchObject({ status: 'SUCCEEDED', output: { version: '2' } });
  });

  test('goes back to one version when the weights are taken away', async () => {
    await moveLive('1', { 2: 1 });
    await moveLive('2', {});
    await expect(invoke()).resolves.toMatchObject({ ExecutedVersion: '2' });
  });

  test('answers questions about its configuration with its own version', async () => {
    await moveLive('1', { 2: 1 });
    const about = { FunctionName: FUNCTION, Qualifier: 'live' };
    await expect(clients.lambda.send(new GetFunctionConfigurationCommand(about))).resolves.toMatchObject({
      Version: '1',
    });
  });
});

describe('weights are refused', () => {
  const refused = expect.objectContaining({ name: 'InvalidParameterValueException' });
  const create = (name: string, FunctionVersion: string, weights: Record<string, number>) =>
    clients.lambda.send(
      new CreateAliasCommand({
        FunctionName: FUNCTION,
        Name: name,
        FunctionVersion,
        RoutingConfig: { AdditionalVersionWeights: weights },
      }),
    );

  test('when the alias points to $LATEST', async () => {
    await expect(moveLive('$LATEST', { 2: 0.1 })).rejects.toEqual(refused);
    await expect(create('fresh', '$LATEST', { 2: 0.1 })).rejects.toEqual(refused);
  });

  test('when the second version is $LATEST', async () => {
    await expect(moveLive('1', { $LATEST: 0.1 })).rejects.toEqual(refused);
    await expect(create('fresh', '1', { $LATEST: 0.1 })).rejects.toEqual(refused);
  });

  test('when the second version was never published', async () => {
    await expect(moveLive('1', { 99: 0.1 })).rejects.toEqual(refused);
  });

  test('for more than two versions', async () => {
    await expect(moveLive('1', { 2: 0.1, 3: 0.1 })).rejects.toEqual(refused);
  });

  test('when the two versions run under different roles', async () => {
    await moveLive('2', {});
    const runAs = async (id: string) =>
      clients.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Role: await roleArn(id) }));
    await runAs('OtherRole');
    const third = await publish('three');
    await runAs('Role');
    await expect(moveLive('2', { [third]: 0.1 })).rejects.toEqual(refused);
  });

  test('and the alias stays as it was', async () => {
    await moveLive('1', { 2: 1 });
    await expect(moveLive('$LATEST', { 2: 0.1 })).rejects.toEqual(refused);
    await expect(invoke()).resolves.toMatchObject({ ExecutedVersion: '2' });
  });
});

/** A role of the stack. */
async function roleArn(LogicalResourceId: string): Promise<string> {
  const { StackResourceDetail } = await clients.cloudformation.send(
    new DescribeStackResourceCommand({ StackName: 'launcher', LogicalResourceId }),
  );
  return `arn:aws:iam::000000000000:role/${StackResourceDetail?.PhysicalResourceId}`;
}

describe("a thrown error's name", () => {
  test('is the errorType of the answer', async () => {
    const { answer, FunctionError } = await invoke({ fail: 'ModelMissing' });
    expect(FunctionError).toBe('Unhandled');
    expect(answer).toMatchObject({ errorType: 'ModelMissing', errorMessage: 'model 7 is not ready' });
  });

  test('is Runtime.ExitError when the function has ended its process instead', async () => {
    const { answer } = await invoke({ exit: 3 });
    expect(answer).toMatchObject({ errorType: 'Runtime.ExitError' });
  });

  test('is caught by a state machine', async () => {
    const Catch = [
      { ErrorEquals: ['SomethingElse'], Next: 'Call' },
      { ErrorEquals: ['ModelMissing'], Output: { Error: '{% $states.errorOutput.Error %}' }, Next: 'Caught' },
    ];
    await expect(execute({ Catch }, { fail: 'ModelMissing' })).resolves.toEqual({
      status: 'SUCCEEDED',
      error: undefined,
      output: { caught: 'ModelMissing' },
    });
  });

  test('ends a state machine that does not catch it', async () => {
    await expect(execute({}, { fail: 'ModelMissing' })).resolves.toMatchObject({
      status: 'FAILED',
      error: 'ModelMissing',
    });
  });
});

describe('the permission to move one alias', () => {
  test('is of its own, and for that alias only', async () => {
    const mover = async (FunctionName: string, Name: string) => {
      const { Payload } = await clients.lambda.send(
        new InvokeCommand({
          FunctionName: 'mover',
          Payload: JSON.stringify({ FunctionName, Name, FunctionVersion: '1' }),
        }),
      );
      return JSON.parse(Buffer.from(Payload ?? []).toString());
    };
    await expect(mover(FUNCTION, 'live')).resolves.toEqual({
      UpdateAlias: 'done',
      ListAliases: 'AccessDeniedException',
    });
    await expect(mover('mover', 'live')).resolves.toMatchObject({ UpdateAlias: 'AccessDeniedException' });
  });
});

describe('the log lines of an invocation', () => {
  test('all come with its answer, in order', async () => {
    const { logs } = await invoke({ lines: 300 });
    expect(logs.split('\n')).toEqual(Array.from({ length: 300 }, (_, n) => `line ${n}`));
  });

  test('do not mix with those of the next', async () => {
    await invoke({ lines: 3 });
    const { logs } = await invoke({ unfinished: 'no newline at the end' });
    expect(logs).toBe('no newline at the end');
  });

  test('are not waited for when there are none', async () => {
    await invoke();
    const took: number[] = [];
    for (let i = 0; i < 15; i += 1) {
      const began = performance.now();
      await invoke();
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
