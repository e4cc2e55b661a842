import { type CfnResource, Stack } from 'aws-cdk-lib';
import type { CfnMethod } from 'aws-cdk-lib/aws-apigateway';
import { DeadLetters } from './dead-letters.ts';
import type { Finding } from './nag.ts';

/** Why a finding of cdk-nag is right as it is. */
interface Waiver {
  /** The rule's id, without the part in brackets. */
  readonly rule: string;
  readonly reason: string;
  /** Whether it is this finding that the reason is about, as narrowly as can be said. */
  readonly covers: (finding: Finding) => boolean;
}

interface Statement {
  Action: string | string[];
  Resource: unknown;
}

/** Actions that take no resource (service authorization reference of each service). */
const WITHOUT_RESOURCE = new Set([
  ...['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
  ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery'],
  ...['logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
  ...['cloudwatch:PutMetricData', 'dynamodb:ListStreams'],
]);

/** The actions that a policy allows on the resources that `accepts` picks. */
function actionsOn(resource: CfnResource, accepts: (target: string) => boolean): string[] {
  const document = Stack.of(resource).resolve((resource as unknown as { policyDocument: unknown }).policyDocument) as {
    Statement: Statement[];
  };
  return document.Statement.filter(({ Resource }) => [Resource].flat().some((target) => accepts(text(target)))).flatMap(
    ({ Action }) => Action,
  );
}
const text = (target: unknown): string => (typeof target === 'string' ? target : JSON.stringify(target));

const isIn = (resource: CfnResource, Owner: abstract new (...args: never[]) => unknown) =>
  resource.node.scopes.some((scope) => scope instanceof Owner);

/** Their number may only fall: test/repo/nag.test.ts. */
export const WAIVERS: readonly Waiver[] = [
  {
    rule: 'AwsSolutions-IAM5',
    reason: 'each action of the statement takes no resource, by the service authorization reference',
    covers: ({ id, resource }) =>
      id.endsWith('[Resource::*]') &&
      actionsOn(resource, (target) => target === '*').every((action) => WITHOUT_RESOURCE.has(action)),
  },
  {
    rule: 'AwsSolutions-S1',
    reason: 'this is the bucket of the access logs: a log of its own would log itself without end',
    covers: ({ resource }) => /\/AccessLogs\/Resource\/Resource$/.test(resource.node.path),
  },
  {
    rule: 'AwsSolutions-SQS3',
    reason: 'this is a queue of dead letters itself, with an alarm on its first message',
    covers: ({ resource }) => isIn(resource, DeadLetters),
  },
  {
    rule: 'AwsSolutions-IAM4',
    reason: "API Gateway's one role for an account's logs is documented with exactly this managed policy",
    covers: ({ id }) => id.includes('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
  },
  {
    rule: 'AwsSolutions-APIG2',
    reason:
      "every verb checks its whole input against its route's schema and names field, value and rule; a model in the API would be a second truth",
    covers: () => true,
  },
  {
    rule: 'AwsSolutions-COG4',
    reason: 'callers show API tokens of the platform, which the Lambda authorizer on this method checks',
    covers: ({ resource }) => (resource as CfnMethod).authorizationType === 'CUSTOM',
  },
  {
    rule: 'AwsSolutions-APIG3',
    reason:
      'a web ACL is billed by the month: it is a choice of the stage, throttles and the body limit hold without it',
    covers: () => true,
  },
];
