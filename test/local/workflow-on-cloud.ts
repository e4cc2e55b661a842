import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type AwsClients, awsClients } from '../../bin/local/aws-clients.ts';
import { startEmulator } from '../../bin/local/emulator.ts';
import type { Invoke, runWorkflow, WorkflowEnd } from '../fakes/workflow.ts';

export interface WorkflowCloud {
  /** As the runner in memory: the same file, input and `invoke`, in the emulator's Step Functions. One at a time. */
  run: typeof runWorkflow;
  stop(): Promise<void>;
}

/**
 * State machines on an emulator of their own, which does not wait between attempts. Each function that a file names is a
 * stand-in that asks this process what to answer, so that a test decides what every step does.
 */
export async function workflowCloud(): Promise<WorkflowCloud> {
  const emulator = await startEmulator({ name: `workflows-${process.pid}`, waitScale: 0 });
  const aws = awsClients(emulator.endpoint);
  let invoke: Invoke;
  const server = createServer(async (request, response) => {
    const { target, payload } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Call;
    const answer = await invoke(target, payload).then(
      (value) => ({ value }),
      ({ name, message }: Error) => ({ error: { name, message } }),
    );
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const callback = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const standIns = new Map<string, Promise<StandIns>>();
  let machines = 0;
  return {
    async run(file, { input = {}, name = 'execution-1', invoke: given }) {
      invoke = given;
      const text = readFileSync(join(import.meta.dirname, '../../state-machines', `${file}.asl.json`), 'utf8');
      if (!standIns.has(file)) standIns.set(file, deployStandIns(aws, file, functionsOf(text), callback));
      const { roleArn, functions } = (await standIns.get(file)) as StandIns;
      const { stateMachineArn } = await aws.sfn.send(
        // One machine for each run: executions of one machine cannot have the same name.
        new CreateStateMachineCommand({ name: `machine-${++machines}`, roleArn, definition: filled(text, functions) }),
      );
      const execution = { stateMachineArn, name, input: JSON.stringify(input) };
      const { executionArn } = await aws.sfn.send(new StartExecutionCommand(execution));
      return ended(aws, executionArn as string);
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      aws.destroy();
      await emulator.stop();
    },
  };
}

interface Call {
  target: string;
  payload: unknown;
}
interface StandIns {
  roleArn: string;
  /** ARN by placeholder. */
  functions: Record<string, string>;
}

/** The placeholders that stand for functions: as a task's resource, or as the function that it invokes. */
const functionsOf = (text: string): string[] => [
  ...new Set([...text.matchAll(/"(?:Resource|FunctionName)": *"\$\{(\w+)\}"/g)].map(([, name]) => name as string)),
];

const filled = (text: string, functions: Record<string, string>): string =>
  text.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => functions[name] ?? placeholder);

/** What a stand-in runs. An error that it is told of is thrown with its name. */
const CODE = `exports.handler = async (payload) => {
  const body = JSON.stringify({ target: process.env.TARGET, payload });
  const { value, error } = await (await fetch(process.env.CALLBACK, { method: 'POST', body })).json();
  console.log('answered');
  if (error) throw Object.assign(new Error(error.message), { name: error.name });
  return value;
};`;

async function deployStandIns(
  { cloudformation }: AwsClients,
  file: string,
  names: string[],
  callback: string,
): Promise<StandIns> {
  const StackName = file.replace('/', '-');
  const role = (service: string) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
      },
    },
  });
  const standIn = (name: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: `${StackName}-${name}`,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: CODE },
      Role: { 'Fn::GetAtt': ['FunctionRole', 'Arn'] },
      Timeout: 30,
      Environment: { Variables: { TARGET: `\${${name}}`, CALLBACK: callback } },
    },
  });
  const template = {
    Resources: {
      FunctionRole: role('lambda.amazonaws.com'),
      MachineRole: role('states.amazonaws.com'),
      ...Object.fromEntries(names.map((name) => [name, standIn(name)])),
    },
    Outputs: Object.fromEntries(
      ['MachineRole', ...names].map((name) => [name, { Value: { 'Fn::GetAtt': [name, 'Arn'] } }]),
    ),
  };
  await cloudformation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_IAM'],
    }),
  );
  await waitUntilStackCreateComplete({ client: cloudformation, maxWaitTime: 30, minDelay: 1 }, { StackName });
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
  const outputs = (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
  const { MachineRole, ...functions } = Object.fromEntries(outputs) as Record<string, string>;
  return { roleArn: MachineRole as string, functions };
}

async function ended({ sfn }: AwsClients, executionArn: string): Promise<WorkflowEnd> {
  for (;;) {
    const { status, output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') {
      await sleep(20);
      continue;
    }
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    const visited = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
    if (status === 'SUCCEEDED') return { status, output: JSON.parse(output ?? 'null'), visited };
    return { status: 'FAILED', error, cause, visited };
  }
}
