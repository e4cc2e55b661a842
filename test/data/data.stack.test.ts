import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { parseStage } from '../../lib/shared/stage.ts';
import { aDataTemplate, rolesOf, type Statement } from '../builders/data-template.ts';

describe('the data stack', () => {
  const template = aDataTemplate();
  const { statementsOf, actionsOf } = rolesOf(template);

  test('keeps the zones under ids that never change', () => {
    const buckets = template.findResources('AWS::S3::Bucket');
    expect(Object.keys(buckets).sort()).toEqual([
      'Artifacts80C0BB10',
      'BundlesE0646A81',
      'Curated0551D75F',
      'FeaturesZone463B99B2',
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
      'lambda:InvokeFunction',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      'states:DescribeExecution',
      'states:StartExecution',
      'sts:AssumeRole',
    ]);
    expect(actionsOf('Ingest')).toEqual([
      ...table,
      'kms:Decrypt',
      'kms:GenerateDataKey',
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
    const objects = erasing.filter(([, resource]) => !/Table|Online/.test(resource));
    expect(objects).toEqual([
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
    expect(resourceOf('Api', 's3:GetObject')).toMatch(/train/);
    expect(resourceOf('Api', 's3:GetObject')).not.toMatch(/Curated\w+","Arn"\]},"\/(\*\/\*\/test)?\/?\*"/);
    expect(resourceOf('Api', 's3:PutObject').match(/"Curated\w+","Arn"\]},"[^"]+"/g)).toEqual([
      expect.stringMatching(/"\/\*\/\*\/objects\/\*"$/),
    ]);
    expect(resourceOf('Ingest', 's3:PutObject')).toMatch(/"Curated\w+","Arn"/);
    expect(resourceOf('Ingest', 's3:PutObject')).not.toMatch(/Raw/);
  });

  test('gives the ingestion a whole processor, time, and room for a dataset', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'millrace-prod-data-ingest',
      MemorySize: 1769,
      Timeout: 900,
      EphemeralStorage: { Size: 10_240 },
    });
  });

  test('waits longer for the function than the function may take', () => {
    const [machine] = Object.values(
      template.findResources('AWS::StepFunctions::StateMachine', {
        Properties: { StateMachineName: 'millrace-prod-data-ingest-dataset' },
      }),
    );
    const { States } = JSON.parse(machine?.Properties.DefinitionString) as {
      States: Record<string, { TimeoutSeconds: number }>;
    };
    expect(States['IngestObject']?.TimeoutSeconds).toBeGreaterThan(900);
    expect(States['FinishIngestion']?.TimeoutSeconds).toBeGreaterThan(900);
  });

  test('has exactly these resources', () => {
    const resources = template.toJSON()['Resources'] as Record<string, { Type: string }>;
    const census: Record<string, number> = {};
    for (const { Type } of Object.values(resources)) census[Type] = (census[Type] ?? 0) + 1;
    expect(census).toEqual({
      'AWS::Athena::WorkGroup': 1,
      'AWS::CloudWatch::Alarm': 12,
      'AWS::DynamoDB::Table': 2,
      'AWS::Events::Rule': 7,
      'AWS::IAM::Policy': 20,
      'AWS::IAM::Role': 20,
      'AWS::KMS::Alias': 1,
      'AWS::KMS::Key': 1,
      'AWS::Lambda::EventInvokeConfig': 2,
      'AWS::Lambda::Function': 9,
      'AWS::Lambda::Permission': 2,
      'AWS::Logs::LogGroup': 15,
      'AWS::S3::Bucket': 5,
      'AWS::S3::BucketPolicy': 5,
      'AWS::SQS::Queue': 3,
      'AWS::SQS::QueuePolicy': 3,
      'AWS::StepFunctions::StateMachine': 6,
    });
  });
});
