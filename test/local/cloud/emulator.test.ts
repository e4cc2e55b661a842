import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AwsClients, awsClients } from '../../../bin/local/aws-clients.ts';
import { type Emulator, startEmulator } from '../../../bin/local/emulator.ts';
import { findInstance } from '../../../bin/local/instances.ts';
import { running } from '../../../bin/local/processes.ts';
import { createStack, inlineFunction, role } from './inline-stack.ts';
import { until } from './until.ts';

const name = (what: string) => `${what}-${process.pid}`;

/** Every process that belongs to an emulator: its group, and whatever was started from its folder. */
const processesOf = ({ pid, folder }: Pick<Emulator, 'pid' | 'folder'>) =>
  running().filter(({ group, command }) => group === pid || command.includes(join(folder, 'tmp/')));

describe('a running emulator', () => {
  let emulator: Emulator;
  let clients: AwsClients;
  const invoke = async (FunctionName: string, event: object = {}) => {
    const { Payload } = await clients.lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    return JSON.parse(Buffer.from(Payload ?? []).toString());
  };

  beforeAll(async () => {
    emulator = await startEmulator({ name: name('one') });
    clients = awsClients(emulator.endpoint);
    await createStack(clients, 'functions', {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'facts',
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        },
      },
      Role: role('lambda', { Action: ['dynamodb:PutItem'], Resource: { 'Fn::GetAtt': ['Table', 'Arn'] } }),
      Writer: inlineFunction('Role', WRITER, { FunctionName: 'writer' }),
      Environment: inlineFunction('Role', 'exports.handler = async () => process.env;', {
        FunctionName: 'environment',
      }),
      Sleeper: inlineFunction('Role', SLEEPER, { FunctionName: 'sleeper' }),
    });
  }, 30_000);

  afterAll(async () => {
    clients?.destroy();
    await emulator?.stop();
  });

  test("allows a function what its role grants and refuses the rest by AWS's name", async () => {
    await expect(invoke('writer', { call: 'PutItem' })).resolves.toEqual({ done: true });
    await expect(invoke('writer', { call: 'Scan' })).resolves.toEqual({ refused: 'AccessDeniedException' });
  });

  test('shows functions nothing of the environment of whoever started it', async () => {
    process.env['MILLRACE_TEST_SECRET'] = 'of this person';
    const { HOME, TMPDIR, ...environment } = await invoke('environment');
    expect(environment).not.toHaveProperty('MILLRACE_TEST_SECRET');
    expect(HOME).toBe(join(emulator.folder, 'tmp'));
    expect(TMPDIR).toBe(join(emulator.folder, 'tmp'));
    expect(environment.AWS_ENDPOINT_URL).toBe(emulator.endpoint);
  });

  test('is found by its name from any process', () => {
    expect(findInstance(emulator.name)).toMatchObject({ pid: emulator.pid, endpoint: emulator.endpoint });
  });

  test('is reached from this machine only', async () => {
    const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    const outside = others
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address);
    for (const address of outside) {
      await expect(fetch(emulator.endpoint.replace('127.0.0.1', address))).rejects.toThrow('fetch failed');
    }
  });

  test('shares nothing with another one beside it', async () => {
    const other = await startEmulator({ name: name('two') });
    const otherClients = awsClients(other.endpoint);
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'only-here' }));
    const { Buckets = [] } = await otherClients.s3.send(new ListBucketsCommand({}));
    expect(Buckets).toEqual([]);
    expect(other.endpoint).not.toBe(emulator.endpoint);
    otherClients.destroy();
    await other.stop();
    await expect(clients.s3.send(new ListBucketsCommand({}))).resolves.toMatchObject({
      Buckets: [{ Name: 'only-here' }],
    });
  });

  test('refuses a second one of its name', async () => {
    await expect(startEmulator({ name: emulator.name })).rejects.toMatchObject({ name: 'InstanceRunning' });
  });

  test('leaves no process and no folder when it is stopped, even while a function works', async () => {
    const busy = invoke('sleeper').catch(() => 'cut off');
    await until(() => processesOf(emulator).some(({ command }) => command.includes('sleeping in a child')));
    expect(processesOf(emulator).length).toBeGreaterThan(2);
    await emulator.stop();
    expect(processesOf(emulator)).toEqual([]);
    expect(existsSync(emulator.folder)).toBe(false);
    await busy;
  }, 15_000);
});

const WRITER = `
const { DynamoDBClient, PutItemCommand, ScanCommand } = require('@aws-sdk/client-dynamodb');
const table = new DynamoDBClient({});
exports.handler = async ({ call }) => {
  const command = call === 'Scan'
    ? new ScanCommand({ TableName: 'facts' })
    : new PutItemCommand({ TableName: 'facts', Item: { pk: { S: 'a' } } });
  return table.send(command).then(() => ({ done: true }), ({ name }) => ({ refused: name }));
};`;

/** Works in a child process of its own for longer than the test. */
const SLEEPER = `
const { spawnSync } = require('node:child_process');
exports.handler = async () => spawnSync('node', ['-e', 'setTimeout(() => {}, 60000) // sleeping in a child']);`;

describe('an emulator that was started by a process', () => {
  /** A process that starts one and does with it what `then` says. */
  async function starter(instance: string, then: string) {
    const script = `
      import { startEmulator } from ${JSON.stringify(join(import.meta.dirname, '../../../bin/local/emulator.ts'))};
      const emulator = await startEmulator({ name: ${JSON.stringify(instance)} });
      ${then}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    return { child, ended };
  }

  test('ends with it, even when it is killed', async () => {
    const instance = name('killed');
    const { child, ended } = await starter(instance, 'setInterval(() => {}, 1000);');
    await until(() => findInstance(instance)?.pid !== undefined);
    const { pid = 0 } = findInstance(instance) ?? {};
    child.kill('SIGKILL');
    await ended;
    await until(() => !running().some(({ group }) => group === pid), 3);
    await until(() => findInstance(instance) === undefined, 3);
  }, 15_000);

  test('ends with it when it just ends', async () => {
    const instance = name('just-ends');
    const { ended } = await starter(instance, 'console.log(emulator.pid); process.exit(0);');
    await ended;
    expect(findInstance(instance)).toBeUndefined();
  }, 15_000);
});

test('the state of an emulator that does not start is told with the tail of its log, and nothing stays', async () => {
  const instance = name('slow');
  await expect(startEmulator({ name: instance, deadlineSeconds: 0 })).rejects.toMatchObject({
    name: 'EmulatorFailed',
    message: expect.stringMatching(/^the emulator did not answer within 0 s/),
  });
  expect(findInstance(instance)).toBeUndefined();
  expect(running().filter(({ command }) => command.includes(`/${instance}`))).toEqual([]);
});
