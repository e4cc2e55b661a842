import { CreateAliasCommand } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { lambdaFunctions } from '../../../lambdas/serving/aws/endpoint-functions.ts';
import { rolloutExecutions } from '../../../lambdas/serving/aws/rollout-executions.ts';
import { LIVE_ALIAS } from '../../../lambdas/serving/contract.ts';
import { newId } from '../../../lambdas/shared/ids.ts';
import { endpointFunctionsContract } from '../../serving/endpoint-functions.contract.ts';
import { executionsContract } from '../../serving/executions.contract.ts';
import { createStack, inlineFunction, role } from '../cloud/inline-stack.ts';
import { type CloudUnderTest, cloudUnderTest } from '../cloud-under-test.ts';

/** The real adapters on the local cloud. It does not look at the revision that a version is published at; AWS does. */
const CODE = `
exports.handler = async () => {
  if (process.env.BUNDLE === 'throws') throw new Error('no');
  return process.env.BUNDLE;
};`;

let cloud: CloudUnderTest;
beforeAll(() => {
  cloud = cloudUnderTest();
});
afterAll(() => cloud.aws.destroy());

describe('endpoint functions on the local cloud', () => {
  endpointFunctionsContract(async () => {
    const name = `ports-${newId()}`;
    await createStack(cloud.aws, name, {
      Role: role('lambda'),
      Function: inlineFunction('Role', CODE, { FunctionName: name }),
    });
    const alias = { FunctionName: name, Name: LIVE_ALIAS, FunctionVersion: '$LATEST' };
    await cloud.aws.lambda.send(new CreateAliasCommand(alias));
    return { name, functions: lambdaFunctions(cloud.aws.lambda) };
  });
});

describe('executions on the local cloud', () => {
  let machine: string;
  beforeAll(async () => {
    const name = `ports-${newId()}`;
    await createStack(cloud.aws, name, {
      Role: { ...role('states'), Properties: { ...role('states').Properties, RoleName: name } },
    });
    const { stateMachineArn } = await cloud.aws.sfn.send(
      new CreateStateMachineCommand({
        name,
        roleArn: `arn:aws:iam::000000000000:role/${name}`,
        definition: JSON.stringify({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 60, End: true } } }),
      }),
    );
    machine = String(stateMachineArn);
  });
  executionsContract(
    () => rolloutExecutions(machine, cloud.aws.sfn),
    async (name) => {
      const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
      await cloud.aws.sfn.send(new StopExecutionCommand({ executionArn }));
    },
  );
});
