import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionConcurrencyCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { GetBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { awsClients } from '../../../bin/local/aws-clients.ts';
import { down, type LocalPlatform, logs, status, up } from '../../../bin/local/commands.ts';
import { findInstance, instanceFolder } from '../../../bin/local/instances.ts';
import type { LogLine } from '../../../bin/local/logs.ts';
import { running } from '../../../bin/local/processes.ts';
import { inlineFunction, role } from './inline-stack.ts';
import { until } from './until.ts';

/** The commands against the smallest app that has what they read: the URLs and the function of the first token. */
const NAME = `commands-${process.pid}`;
let assembly: string;

beforeAll(() => {
  assembly = mkdtempSync(join(tmpdir(), 'millrace-assembly-'));
  const environment = 'aws://000000000000/us-east-1';
  const properties = { templateFile: 'small.template.json', stackName: 'millrace-local-small', validateOnSynth: false };
  const manifest = {
    version: '36.0.0',
    artifacts: { small: { type: 'aws:cloudformation:stack', environment, properties } },
  };
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(assembly, 'small.template.json'), JSON.stringify(SMALL));
});

afterAll(async () => {
  rmSync(assembly, { recursive: true, force: true });
  if (findInstance(NAME)) await down({ name: NAME });
});

const url = (api: string) => `https://${api}.execute-api.us-east-1.amazonaws.com/v/`;
const denied = (Sid: string, Action: string, Condition: object) => ({
  Sid,
  Effect: 'Deny',
  Principal: '*',
  Action,
  Resource: 'arn:aws:s3:::zone/*',
  Condition,
});
const SMALL = {
  Resources: {
    Urls: {
      Type: 'AWS::SSM::Parameter',
      Properties: {
        Name: '/millrace/local/urls',
        Type: 'String',
        Value: JSON.stringify({ control: url('aaaaaaaa'), inference: url('bbbbbbbb'), tracking: null }),
      },
    },
    Zone: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'zone' } },
    ZonePolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'Zone' },
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            denied('OnlyTls', 's3:*', { Bool: { 'aws:SecureTransport': 'false' } }),
            denied('WriteOnce', 's3:DeleteObject', { StringNotEquals: { 'aws:PrincipalTag/eraser': 'yes' } }),
          ],
        },
      },
    },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/millrace/local/gateway-first-token' } },
    Role: role('lambda', { Action: ['logs:PutLogEvents'], Resource: '*' }),
    FirstToken: inlineFunction(
      'Role',
      "exports.handler = async ({ roles }) => { console.log('made a token'); return { token: roles.join('+') + Math.random() }; };",
      {
        FunctionName: 'millrace-local-gateway-first-token',
        LoggingConfig: { LogGroup: { Ref: 'Logs' } },
        ReservedConcurrentExecutions: 3,
      },
    ),
  },
};

describe('millrace local', () => {
  let platform: LocalPlatform;

  test('up brings the platform up and says how to reach it', async () => {
    const steps: string[] = [];
    platform = await up({ name: NAME, assembly, onProgress: ({ text, seconds }) => seconds && steps.push(text) });
    const { endpoint } = findInstance(NAME) ?? {};
    expect(platform).toEqual({
      name: NAME,
      endpoint,
      control: `${endpoint}/_aws/execute-api/aaaaaaaa/v`,
      inference: `${endpoint}/_aws/execute-api/bbbbbbbb/v`,
      tracking: null,
      token: expect.stringMatching(/^scientist\+engineer\+operator\+approver\+auditor\+app0\./),
    });
    expect(steps).toHaveLength(4);
  }, 60_000);

  test('up has put right what the emulator leaves out of the template, or takes too literally', async () => {
    const { lambda, s3 } = awsClients(platform.endpoint);
    const about = { FunctionName: 'millrace-local-gateway-first-token' };
    await expect(lambda.send(new GetFunctionConcurrencyCommand(about))).resolves.toMatchObject({
      ReservedConcurrentExecutions: 3,
    });
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: 'zone' }));
    expect(JSON.parse(Policy).Statement).toEqual([expect.objectContaining({ Sid: 'WriteOnce' })]);
  });

  test('status lists it', async () => {
    expect(await status()).toContainEqual(expect.objectContaining({ name: NAME, endpoint: platform.endpoint }));
  });

  test('up again brings it up to date where it runs, with the same token', async () => {
    await expect(up({ name: NAME, assembly })).resolves.toEqual(platform);
  }, 60_000);

  test("logs gives the functions' lines, and goes on until nobody listens", async () => {
    const lines: LogLine[] = [];
    const listening = new AbortController();
    const following = logs({ name: NAME, follow: true, signal: listening.signal, onLine: (line) => lines.push(line) });
    await until(() => lines.length === 1);
    const { lambda } = awsClients(platform.endpoint);
    const again = { FunctionName: 'millrace-local-gateway-first-token', Payload: JSON.stringify({ roles: [] }) };
    for (let i = 0; i < 2; i += 1) await lambda.send(new InvokeCommand(again));
    await until(() => lines.length === 3);
    listening.abort();
    await following;
    expect(lines.map(({ from, text }) => `${from}: ${text}`)).toEqual([
      'gateway-first-token: made a token',
      'gateway-first-token: made a token',
      'gateway-first-token: made a token',
    ]);
  }, 15_000);

  test('down ends it with every process and its folder', async () => {
    const { pid } = findInstance(NAME) ?? {};
    await expect(down({ name: NAME })).resolves.toEqual({ name: NAME });
    expect(running().filter(({ group }) => group === pid)).toEqual([]);
    expect(existsSync(instanceFolder(NAME))).toBe(false);
    await expect(down({ name: NAME })).rejects.toMatchObject({ name: 'InstanceMissing' });
  });

  test('up leaves nothing behind when it is interrupted while it deploys', async () => {
    const name = `${NAME}-cut`;
    const script = `
      import { up } from ${JSON.stringify(join(import.meta.dirname, '../../../bin/local/commands.ts'))};
      await up({ name: ${JSON.stringify(name)}, assembly: ${JSON.stringify(assembly)} });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const folder = instanceFolder(name);
    const ofIt = () => running().filter(({ command }) => command.includes(folder));
    const bootstrapping = () => running().some(({ command }) => command.includes('cdk bootstrap aws://000000000000'));
    await until(() => findInstance(name)?.pid !== undefined && bootstrapping());
    child.kill('SIGINT');
    await expect(ended).resolves.toBe(130);
    await until(() => ofIt().length === 0 && !existsSync(folder));
  }, 20_000);

  test('a failed deployment is told by what was said last, and nothing of it stays', async () => {
    const name = `${NAME}-broken`;
    const app = `${process.execPath} -e "console.error('stages.local: no such stage'); process.exit(1)"`;
    await expect(up({ name, app })).rejects.toMatchObject({
      name: 'DeploymentFailed',
      message: expect.stringMatching(/^cdk synth ended with 1:\n[\s\S]*stages\.local: no such stage/),
    });
    expect(existsSync(instanceFolder(name))).toBe(false);
    expect(running().filter(({ command }) => command.includes(instanceFolder(name)))).toEqual([]);
  }, 30_000);
});
