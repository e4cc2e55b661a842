import { setTimeout as sleep } from 'node:timers/promises';
import { CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { AwsClients } from '../../../bin/local/aws-clients.ts';

type Resources = Record<string, { Type: string; Properties?: object; DependsOn?: string[] }>;

/** A role that Lambda or Step Functions may take, with these permissions and no others. */
export const role = (service: 'lambda' | 'states', ...statements: { Action: string[]; Resource: unknown }[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' }],
    },
    Policies: statements.map((statement, i) => ({
      PolicyName: `policy-${i}`,
      PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] },
    })),
  },
});

/** A function with its code (CommonJS) in the template. */
export const inlineFunction = (roleId: string, code: string, properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 10,
    Role: { 'Fn::GetAtt': [roleId, 'Arn'] },
    Code: { ZipFile: code },
    ...properties,
  },
});

/** Creates a stack without the CDK, which takes a moment instead of seconds. */
export async function createStack(
  { cloudformation }: AwsClients,
  StackName: string,
  Resources: Resources,
): Promise<void> {
  await cloudformation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify({ Resources }),
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
    }),
  );
  for (;;) {
    const { Stacks: [stack] = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
    if (stack?.StackStatus === 'CREATE_COMPLETE') return;
    if (stack?.StackStatus !== 'CREATE_IN_PROGRESS')
      throw new Error(`${stack?.StackStatus}: ${stack?.StackStatusReason}`);
    await sleep(20);
  }
}
