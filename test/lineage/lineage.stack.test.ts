import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { aStage } from '../builders/platform-stack.ts';

const template = Template.fromStack(
  new LineageStack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), aStage()),
);
const resources = template.toJSON()['Resources'] as Record<string, { Type: string }>;
const idsOf = (type: string) => Object.keys(template.findResources(type));
/** What the role of one function may do, without log and trace. */
const actionsOf = (unit: string) =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`${unit}Role`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as { Action: string | string[] }[])
    .flatMap(({ Action }) => Action)
    .filter((action) => !/^(xray|logs):/.test(action))
    .sort();

describe('the lineage stack', () => {
  test('holds state under ids that never change: a new id would be a new, empty table', () => {
    expect(idsOf('AWS::DynamoDB::Table')).toEqual(['Catalogue5682C6AE']);
    expect(idsOf('AWS::S3::Bucket')).toEqual(['AccessLogs247031D9']);
    expect(idsOf('AWS::Events::EventBus')).toEqual(['EventBus7B8748AA']);
  });

  test('keeps the catalogue and the access logs when the stack goes', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket'])
      template.hasResource(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('has exactly these kinds of resources', () => {
    const census = Object.values(resources).map(({ Type }) => Type);
    expect(
      Object.fromEntries([...new Set(census)].sort().map((type) => [type, census.filter((t) => t === type).length])),
    ).toEqual({
      'AWS::CloudWatch::Alarm': 1,
      'AWS::DynamoDB::Table': 1,
      'AWS::Events::EventBus': 1,
      'AWS::IAM::Policy': 2,
      'AWS::IAM::Role': 2,
      'AWS::Lambda::EventSourceMapping': 1,
      'AWS::Lambda::Function': 2,
      'AWS::Logs::LogGroup': 2,
      'AWS::S3::Bucket': 1,
      'AWS::S3::BucketPolicy': 1,
      'AWS::SNS::Topic': 1,
      'AWS::SNS::TopicPolicy': 1,
      'AWS::SQS::Queue': 1,
      'AWS::SQS::QueuePolicy': 1,
    });
  });

  test('names what others find by name', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', { TableName: 'millrace-prod-catalogue' });
    template.hasResourceProperties('AWS::Events::EventBus', { Name: 'millrace-prod' });
    template.hasResourceProperties('AWS::SNS::Topic', { TopicName: 'millrace-prod-alarms' });
  });

  test('publishes every change at least once, one poisoned record apart, and keeps what it could not publish', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 10,
      MaximumRecordAgeInSeconds: 12 * 3600,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/lineage/dead-letters/unpublished-events',
    });
  });

  test('lets the API read the catalogue, and the publisher read its stream and tell the bus', () => {
    expect(actionsOf('Api')).toEqual(['dynamodb:GetItem', 'dynamodb:Query']);
    expect(actionsOf('PublishEvents')).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'events:PutEvents',
      'sqs:SendMessage',
    ]);
  });
});
