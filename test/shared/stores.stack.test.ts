import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LineageApiEnv } from '../../lambdas/lineage/contract.ts';
import { PlatformFunction } from '../../lib/shared/platform-function.ts';
import { StateTable } from '../../lib/shared/state-table.ts';
import { Zone } from '../../lib/shared/zone.ts';
import { aPlatformStack } from '../builders/platform-stack.ts';

const aFunction = (stack: ReturnType<typeof aPlatformStack>) =>
  new PlatformFunction(stack, 'Fn', {
    handler: 'lineage/api',
    env: LineageApiEnv,
    variables: { CATALOGUE_TABLE: 'catalogue' },
  });
/** The statements of a template without those that every function has. */
const statementsOf = (template: Template) =>
  Object.values(template.findResources('AWS::IAM::Policy'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as { Action: string | string[] }[])
    .map(({ Action }) => [Action].flat())
    .filter((actions) => !/^(xray|logs):/.test(actions[0] as string));

describe('a table of the platform', () => {
  test('is on demand, restorable, expiring, protected and kept', () => {
    const stack = aPlatformStack();
    new StateTable(stack, 'Windows', { table: 'windows', stream: true });
    Template.fromStack(stack).hasResource('AWS::DynamoDB::Table', {
      Properties: {
        TableName: 'millrace-prod-windows',
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        DeletionProtectionEnabled: true,
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('goes with a disposable stage, and has no stream where none is asked for', () => {
    const stack = aPlatformStack({ disposable: true });
    new StateTable(stack, 'Windows', { table: 'windows' });
    Template.fromStack(stack).hasResource('AWS::DynamoDB::Table', {
      Properties: { DeletionProtectionEnabled: false, StreamSpecification: Match.absent() },
      DeletionPolicy: 'Delete',
    });
  });

  test('gives readers what reading takes, and writers what transactions take', () => {
    const stack = aPlatformStack();
    const table = new StateTable(stack, 'Windows', { table: 'windows' });
    table.allowRead(aFunction(stack));
    expect(statementsOf(Template.fromStack(stack))).toEqual([['dynamodb:GetItem', 'dynamodb:Query']]);

    const other = aPlatformStack();
    new StateTable(other, 'Windows', { table: 'windows' }).allowWrite(aFunction(other));
    expect(statementsOf(Template.fromStack(other)).flat().sort()).toEqual([
      'dynamodb:ConditionCheckItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ]);
  });
});

describe('a zone', () => {
  test('is private, versioned, encrypted, logged, for TLS only, and kept', () => {
    const stack = aPlatformStack();
    const logs = new Zone(stack, 'Logs', { zone: 'access-logs', expireDays: 365 });
    new Zone(stack, 'Raw', { zone: 'raw', accessLogs: logs.resource, events: true });
    const template = Template.fromStack(stack);
    template.hasResource('AWS::S3::Bucket', {
      Properties: {
        BucketName: {
          'Fn::Join': ['', ['millrace-prod-raw-', { Ref: 'AWS::AccountId' }, '-', { Ref: 'AWS::Region' }]],
        },
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LoggingConfiguration: { LogFilePrefix: 'raw/' },
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
    template.resourceCountIs('Custom::S3BucketNotifications', 0);
  });

  test('never lets current objects go unless it says after how many days', () => {
    const stack = aPlatformStack();
    new Zone(stack, 'Bundles', { zone: 'bundles' });
    new Zone(stack, 'Logs', { zone: 'access-logs', expireDays: 365 });
    const rules = Object.values(Template.fromStack(stack).findResources('AWS::S3::Bucket')).map(
      ({ Properties }) => Properties.LifecycleConfiguration.Rules[0],
    );
    expect(rules.map(({ ExpirationInDays }) => ExpirationInDays)).toEqual([undefined, 365]);
    for (const { NoncurrentVersionExpiration } of rules) expect(NoncurrentVersionExpiration.NoncurrentDays).toBe(90);
  });

  test('gives a reader the objects below a pattern, and a writer no reading and no deleting', () => {
    const stack = aPlatformStack();
    const zone = new Zone(stack, 'Raw', { zone: 'raw' });
    const fn = aFunction(stack);
    zone.allowRead(fn, 'default/*');
    zone.allowWrite(fn);
    const template = Template.fromStack(stack);
    expect(statementsOf(template)).toEqual([['s3:GetObject'], ['s3:ListBucket'], ['s3:PutObject']]);
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('/default/*');
  });
});
