import { DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateAliasCommand,
  InvokeCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import type { AwsClients } from '../../../bin/local/aws-clients.ts';
import { createStack, inlineFunction, role } from './inline-stack.ts';

/** The function whose alias the tests move; another, `mover`, may move it. */
export const FUNCTION = 'model-endpoint';
const STACK = 'launcher';

const CODE = `
exports.handler = async ({ exit, fail, lines = 0, unfinished }, { functionVersion, invokedFunctionArn }) => {
  for (let i = 0; i < lines; i += 1) console.log('line ' + i);
  if (unfinished) process.stdout.write(unfinished);
  if (exit) process.exit(exit);
  if (fail) throw Object.assign(new Error('model 7 is not ready'), { name: fail });
  return { version: functionVersion, arn: invokedFunctionArn };
};`;

const MOVER = `
const { LambdaClient, ListAliasesCommand, UpdateAliasCommand } = require('@aws-sdk/client-lambda');
const lambda = new LambdaClient({});
const outcome = (command) => lambda.send(command).then(() => 'done', ({ name }) => name);
exports.handler = async (input) => ({
  UpdateAlias: await outcome(new UpdateAliasCommand(input)),
  ListAliases: await outcome(new ListAliasesCommand(input)),
});`;

type Weights = Record<string, number>;

/** What the tests do with the function, on an emulator that has nothing else. */
export function modelFunction(clients: AwsClients) {
  const { cloudformation, lambda, sfn } = clients;

  async function roleArn(LogicalResourceId: string): Promise<string> {
    const { StackResourceDetail } = await cloudformation.send(
      new DescribeStackResourceCommand({ StackName: STACK, LogicalResourceId }),
    );
    return `arn:aws:iam::000000000000:role/${StackResourceDetail?.PhysicalResourceId}`;
  }

  const call = async (FunctionName: string, event: object, Qualifier?: string) => {
    const { Payload, ...rest } = await lambda.send(
      new InvokeCommand({ FunctionName, Qualifier, LogType: 'Tail', Payload: JSON.stringify(event) }),
    );
    const logs = Buffer.from(rest.LogResult ?? '', 'base64').toString();
    return { ...rest, logs, answer: JSON.parse(Buffer.from(Payload ?? []).toString()) };
  };

  const createAlias = (Name: string, FunctionVersion: string, weights: Weights = {}) =>
    lambda.send(
      new CreateAliasCommand({
        FunctionName: FUNCTION,
        Name,
        FunctionVersion,
        RoutingConfig: { AdditionalVersionWeights: weights },
      }),
    );

  async function publish(description: string): Promise<string> {
    const change = { FunctionName: FUNCTION, Description: description };
    await lambda.send(new UpdateFunctionConfigurationCommand(change));
    const { Version = '' } = await lambda.send(new PublishVersionCommand(change));
    return Version;
  }

  return {
    /** Two versions, and the alias `live` at the first. */
    async create(): Promise<void> {
      await createStack(clients, STACK, {
        Role: role('lambda'),
        OtherRole: role('lambda'),
        Workflow: role('states', { Action: ['lambda:InvokeFunction'], Resource: '*' }),
        Function: inlineFunction('Role', CODE, { FunctionName: FUNCTION }),
        MoverRole: role('lambda', { Action: ['lambda:UpdateAlias'], Resource: { 'Fn::GetAtt': ['Function', 'Arn'] } }),
        Mover: inlineFunction('MoverRole', MOVER, { FunctionName: 'mover' }),
      });
      await publish('one');
      await publish('two');
      await createAlias('live', '1');
    },
    publish,
    createAlias,
    moveLive: (FunctionVersion: string, weights: Weights) =>
      lambda.send(
        new UpdateAliasCommand({
          FunctionName: FUNCTION,
          Name: 'live',
          FunctionVersion,
          RoutingConfig: { AdditionalVersionWeights: weights },
        }),
      ),
    runAs: async (roleId: string) =>
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Role: await roleArn(roleId) })),
    /** Calls the alias. */
    invoke: (event: object = {}) => call(FUNCTION, event, 'live'),
    /** Has the function `mover` move the alias `live` of a function, and list that function's aliases. */
    askMover: async (FunctionName: string) =>
      (await call('mover', { FunctionName, Name: 'live', FunctionVersion: '1' })).answer,
    /** One execution of a state machine whose one task calls the alias. */
    async execute(task: object, input: object) {
      const { stateMachineArn } = await sfn.send(
        new CreateStateMachineCommand({
          name: `one-task-${Math.random().toString(36).slice(2)}`,
          type: 'EXPRESS',
          roleArn: await roleArn('Workflow'),
          definition: JSON.stringify(workflow(task)),
        }),
      );
      const { status, output, error } = await sfn.send(
        new StartSyncExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
      );
      return { status, error, output: output && JSON.parse(output) };
    },
  };
}

const workflow = (task: object) => ({
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
});
