import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';

function aDataTemplate(stage = parseStage('prod', { prod: {} })): Template {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const lineage = new LineageStack(app, stage);
  return Template.fromStack(new DataStack(app, stage, { lineage }));
}

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

describe('the data stack', () => {
  const template = aDataTemplate();

  /** The statements of one role, by the logical id of what it belongs to. */
  function statementsOf(owner: string): Statement[] {
    return Object.entries(template.findResources('AWS::IAM::Policy'))
      .filter(([id]) => id.startsWith(`${owner}RoleDefaultPolicy`))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
  }
  const actionsOf = (owner: string) =>
    [...new Set(statementsOf(owner).flatMap(({ Action }) => Action))]
      .filter((action) => !/^(logs|xray):/.test(action))
      .sort();

  test('keeps the zones under ids that never change', () => {
    const buckets = template.findResources('AWS::S3::Bucket');
    expect(Object.keys(buckets).sort()).toEqual([
      'Artifacts80C0BB10',
      'BundlesE0646A81',
      'Curated0551D75F',
      'Raw2403193C',
    ]);
    for (const bucket of Object.values(buckets)) {
      expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(bucket.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
      expect(bucket.Properties.LoggingConfiguration).toBeDefined();
    }
  });

  test('lets the zones go with a stage that is disposable', () => {
    aDataTemplate(parseStage('local', { local: { disposable: true } })).allResources('AWS::S3::Bucket', {
      DeletionPolicy: 'Delete',
    });
  });

  test('tells EventBridge of raw objects, and of no others', () => {
    const told = Object.entries(template.findResources('AWS::S3::Bucket'))
      .filter(([, { Properties }]) => Properties.NotificationConfiguration)
      .map(([id]) => id);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^Raw/);
  });

  test('starts the ingestion of every object of the raw zone, and keeps what could not be started', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [{ Ref: Match.stringLikeRegexp('^Raw') }] } },
      },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^IngestDataset'), 'Arn'] },
          RoleArn: Match.anyValue(),
          DeadLetterConfig: { Arn: Match.anyValue() },
          RetryPolicy: { MaximumEventAgeInSeconds: 86400, MaximumRetryAttempts: 185 },
        },
      ],
    });
    expect(actionsOf('Arrivals')).toEqual(['states:StartExecution']);
  });

  test('lets only its own rule put into the queue of what could not be started', () => {
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'sqs:SendMessage',
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': Match.anyValue() } },
          }),
        ]),
      },
    });
  });

  test('gives each role what it needs', () => {
    const table = ['GetItem', 'PutItem', 'Query'].map((action) => `dynamodb:${action}`);
    expect(actionsOf('Api')).toEqual([
      ...table,
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      'states:StartExecution',
    ]);
    expect(actionsOf('Ingest')).toEqual([
      ...table,
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
      's3:PutObject',
    ]);
    expect(actionsOf('IngestDataset')).toEqual(['lambda:InvokeFunction']);
    expect(actionsOf('DeletionMachine')).toEqual(['lambda:InvokeFunction']);
    expect(actionsOf('DeletionTasks')).toEqual([
      'dynamodb:ConditionCheckItem',
      ...table,
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      's3:GetObject',
      's3:ListBucket',
      's3:ListBucketVersions',
      's3:PutObject',
    ]);
  });

  test('lets one function erase, in the curated zone alone, and nobody in any other', () => {
    const erasing = Object.entries(template.findResources('AWS::IAM::Policy')).flatMap(([id, { Properties }]) =>
      (Properties.PolicyDocument.Statement as Statement[])
        .filter(({ Action }) => /s3:Delete|dynamodb:Delete/.test(JSON.stringify(Action)))
        .map(({ Resource }) => [id, JSON.stringify(Resource)] as const),
    );
    expect(erasing).toEqual([
      [expect.stringMatching(/^DeletionTasks/), expect.stringMatching(/"Curated\w+","Arn"\]},"\/\*"/)],
    ]);
  });

  test('sweeps once a day, and tells when that could not begin or did not end well', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 day)',
      Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeletionMachine'), 'Arn'] }, Input: '{}' }],
    });
    for (const name of ['deletion-failed', 'deletion-unstarted'])
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `millrace/prod/data/${name}`,
        Threshold: 1,
      });
  });

  test('lets the API sign for the raw zone and for objects of collections, and the ingestion read it only', () => {
    const resourceOf = (owner: string, action: string) =>
      JSON.stringify(
        statementsOf(owner)
          .filter(({ Action }) => Action.includes(action))
          .map(({ Resource }) => Resource),
      );
    expect(resourceOf('Api', 's3:PutObject')).toMatch(/"Raw\w+","Arn"/);
    expect(resourceOf('Api', 's3:PutObject').match(/"Curated\w+","Arn"\]},"[^"]+"/g)).toEqual([
      expect.stringMatching(/"\/\*\/objects\/\*"$/),
    ]);
    expect(resourceOf('Ingest', 's3:PutObject')).toMatch(/"Curated\w+","Arn"/);
    expect(resourceOf('Ingest', 's3:PutObject')).not.toMatch(/Raw/);
  });

  test('gives the ingestion a whole processor, time, and room for a dataset', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'millrace-prod-data-ingest',
      MemorySize: 1769,
      Timeout: 600,
      EphemeralStorage: { Size: 4096 },
    });
  });

  test('waits longer for the function than the function may take', () => {
    const machines = Object.entries(template.findResources('AWS::StepFunctions::StateMachine'));
    const [, machine] = machines.find(([id]) => id.startsWith('IngestDataset')) ?? [];
    const { States } = JSON.parse(machine?.Properties.DefinitionString) as {
      States: Record<string, { TimeoutSeconds: number }>;
    };
    expect(States['IngestObject']?.TimeoutSeconds).toBeGreaterThan(600);
  });

  test('has exactly these resources', () => {
    const resources = template.toJSON()['Resources'] as Record<string, { Type: string }>;
    const census: Record<string, number> = {};
    for (const { Type } of Object.values(resources)) census[Type] = (census[Type] ?? 0) + 1;
    expect(census).toEqual({
      'AWS::CloudWatch::Alarm': 4,
      'AWS::Events::Rule': 2,
      'AWS::IAM::Policy': 7,
      'AWS::IAM::Role': 7,
      'AWS::Lambda::Function': 3,
      'AWS::Logs::LogGroup': 5,
      'AWS::S3::Bucket': 4,
      'AWS::S3::BucketPolicy': 4,
      'AWS::SQS::Queue': 1,
      'AWS::SQS::QueuePolicy': 1,
      'AWS::StepFunctions::StateMachine': 2,
    });
  });
});
