import { type CfnResource, Stack } from 'aws-cdk-lib';
import type { CfnMethod } from 'aws-cdk-lib/aws-apigateway';
import type { CfnDistribution } from 'aws-cdk-lib/aws-cloudfront';
import type { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { DeadLetters } from './dead-letters.ts';

/** A rule that a resource breaks: `AwsSolutions-S1`, or `AwsSolutions-IAM5[Resource::*]` for one part of it. */
export interface Finding {
  readonly id: string;
  readonly resource: CfnResource;
}

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
  ...['cloudwatch:PutMetricData', 'dynamodb:ListStreams', 'ecr:GetAuthorizationToken'],
  ...['sagemaker:ListApps', 'sagemaker:ListDomains', 'sagemaker:ListSpaces', 'sagemaker:ListUserProfiles'],
]);

/** The actions that a policy allows on the resources that `accepts` picks, which it sees as they stand in the template. */
function actionsOn({ resource }: Finding, accepts: (target: string) => boolean): string[] {
  const { Statement } = Stack.of(resource).resolve((resource as CfnPolicy).policyDocument) as {
    Statement: Statement[];
  };
  const text = (target: unknown) => (typeof target === 'string' ? target : JSON.stringify(target));
  return Statement.filter(({ Resource }) => [Resource].flat().some((target) => accepts(text(target)))).flatMap(
    ({ Action }) => Action,
  );
}

/** A reference to a bucket, and behind it a slash and a pattern. */
const isObjectPattern = (target: string) =>
  /\},"\/[^"]*\*[^"]*"\]\]\}$/.test(target) && !target.includes(':execute-api:');

const isIn = (resource: CfnResource, Owner: abstract new (...args: never[]) => unknown) =>
  resource.node.scopes.some((scope) => scope instanceof Owner);

/** Their number may only fall: test/repo/nag.test.ts. */
export const WAIVERS: readonly Waiver[] = [
  {
    rule: 'AwsSolutions-IAM5',
    reason: 'each action of the statement takes no resource, by the service authorization reference',
    covers: (finding) =>
      finding.id.endsWith('[Resource::*]') &&
      actionsOn(finding, (target) => target === '*').every((action) => WITHOUT_RESOURCE.has(action)),
  },
  {
    rule: 'AwsSolutions-IAM5',
    reason:
      'objects get their names when they are written: the pattern stays in one bucket, and only object actions have it',
    covers: (finding) =>
      /Arn\w*>?\/[^\]]*\]$/.test(finding.id) &&
      actionsOn(finding, isObjectPattern).every((action) =>
        /^s3:((Get|Put|Delete)Object|AbortMultipartUpload$)/.test(action),
      ),
  },
  {
    rule: 'AwsSolutions-IAM5',
    reason:
      'an execution of a state machine, a run of a Spark application, a version of a function and a run of the tracking API get their names when they begin; whose they are is fixed',
    covers: ({ id }) =>
      /:execution:<\w+\.Name>:\*\]$/.test(id) ||
      /\[Resource::<\w*Function\w*\.Arn>:\*\]$/.test(id) ||
      /\[Resource::<\w+\.Arn>\/jobruns\/\*\]$/.test(id) ||
      /:execute-api:[^\]*]+\/[A-Z]+\/tracking\/(t\/[a-z0-9-]+\/)?api\/\*\]$/.test(id),
  },
  {
    rule: 'AwsSolutions-IAM5',
    reason:
      'a training or labelling job and the database of a workspace get their names when they begin, and the name begins with the name of the platform',
    covers: ({ id }) => /:((training|labeling)-job\/millrace-|(database|table)\/millrace_\w+__)[^\]]*\*\]$/.test(id),
  },
  {
    rule: 'AwsSolutions-IAM5',
    reason: "a training job pulls the image that the model's spec names, and SageMaker names its log streams",
    covers: ({ id }) => /:(repository\/\*|log-group:\/aws\/sagemaker\/TrainingJobs:\*)\]$/.test(id),
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
    reason:
      'callers show API tokens of the platform, which the Lambda authorizer on this method checks, or sign with AWS credentials',
    covers: ({ resource }) => ['CUSTOM', 'AWS_IAM'].includes((resource as CfnMethod).authorizationType ?? ''),
  },
  {
    rule: 'AwsSolutions-APIG3',
    reason:
      'a web ACL is billed by the month, so it is for the owner of the account to attach; throttles and body limits hold without it',
    covers: () => true,
  },
];

/** For a stage with the edge alone, which no stage has that does not ask for it. */
export const EDGE_WAIVERS: readonly Waiver[] = [
  {
    rule: 'AwsSolutions-CFR1',
    reason: 'who may use the platform is said by tokens, wherever they travel',
    covers: () => true,
  },
  {
    rule: 'AwsSolutions-CFR2',
    reason:
      'a web ACL at the edge is billed by the month, so it is for the owner of the account to attach; every request needs a token',
    covers: () => true,
  },
  {
    rule: 'AwsSolutions-CFR4',
    reason:
      "CloudFront's own certificate, for a stage without a name of its own, comes with CloudFront's choice of protocols",
    covers: ({ resource }) => {
      const { distributionConfig } = resource as CfnDistribution;
      const { viewerCertificate } = distributionConfig as CfnDistribution.DistributionConfigProperty;
      return (viewerCertificate as CfnDistribution.ViewerCertificateProperty).cloudFrontDefaultCertificate === true;
    },
  },
];
