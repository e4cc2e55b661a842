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
      .filter(([id]) => new RegExp(`^${owner}(Role)?DefaultPolicy`).test(id))
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
    expect(resourceOf('Api', 's3:PutObject')).not.toMatch(/Curated/);
    expect(resourceOf('Api', 's3:GetObject')).toMatch(/train/);
    expect(resourceOf('Api', 's3:GetObject')).not.toMatch(/test|"\/\*"/);
    expect(resourceOf('Api', 's3:PutObject').match(/"Curated\w+","Arn"\]},"[^"]+"/g)).toEqual([
      expect.stringMatching(/"\/\*\/objects\/\*"$/),
    ]);
    expect(resourceOf('Ingest', 's3:PutObject')).toMatch(/"Curated\w+","Arn"/);
    expect(resourceOf('Ingest', 's3:PutObject')).not.toMatch(/Raw/);
  });

  test('lets SQL read what may be learned from, under a role that only the API takes', () => {
    expect(actionsOf('WorkgroupReader')).toEqual([
      ...['GetQueryExecution', 'GetQueryResults', 'StartQueryExecution'].map((action) => `athena:${action}`),
      ...['GetDatabase', 'GetPartitions', 'GetTable', 'GetTables'].map((action) => `glue:${action}`),
      ...['GetBucketLocation', 'GetObject', 'ListBucket', 'PutObject'].map((action) => `s3:${action}`),
    ]);
    const read = statementsOf('WorkgroupReader').filter(({ Action }) => Action.includes('s3:GetObject'));
    expect(JSON.stringify(read)).toMatch(/\/\*\/\*\/train\/\*.*\/\*\/\*\/links\/\*.*\/_query-results\/\*/);
    expect(JSON.stringify(read)).not.toMatch(/test|"\/\*"/);
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ApiRole'), 'Arn'] } },
          },
        ],
      },
    });
  });

  test('ends a query that scans too much, and lets its result go after a week', () => {
    template.hasResourceProperties('AWS::Athena::WorkGroup', {
      Name: 'millrace-prod',
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 100 * 1024 ** 3,
        EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
        ResultConfiguration: {
          OutputLocation: Match.anyValue(),
          EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
        },
      },
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ Prefix: '_query-results/', ExpirationInDays: 7, Status: 'Enabled' }),
        ]),
      },
    });
  });

  test('shows registered versions to SQL with no right over any other table, and keeps what it could not', () => {
    expect(actionsOf('SqlPublish')).toEqual([
      ...['GetItem', 'Query'].map((action) => `dynamodb:${action}`),
      ...['CreateDatabase', 'CreateTable', 'GetTable', 'UpdateTable'].map((action) => `glue:${action}`),
      ...['GetObject', 'ListBucket', 'PutObject'].map((action) => `s3:${action}`),
      'sqs:SendMessage',
    ]);
    const glue = statementsOf('SqlPublish').find(({ Action }) => Action.includes('glue:UpdateTable'));
    expect(JSON.stringify(glue?.Resource)).toMatch(
      /:catalog.*:database\/millrace_prod__\*.*:table\/millrace_prod__\*\/\*/,
    );
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['millrace.data'], 'detail-type': ['DatasetVersionRegistered'] },
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: Match.anyValue() }, RetryPolicy: Match.anyValue() })],
    });
  });

  test('looks every hour for datasets without news, and says so once for all and for each that asks', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 hour)',
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('CheckDatasets'), 'Arn'] } })],
    });
    expect(actionsOf('WatchCheck')).toEqual([
      'cloudwatch:PutMetricData',
      ...['GetItem', 'PutItem', 'Query'].map((action) => `dynamodb:${action}`),
    ]);
    const named = aDataTemplate(parseStage('prod', { prod: { datasetAlarms: ['blue/flights'] } }));
    for (const [name, metric] of [
      ['data/dataset-stale', 'DatasetsStale'],
      ['data/dataset-stale/blue/flights', 'DatasetsStale/blue/flights'],
    ])
      named.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `millrace/prod/${name}`,
        Namespace: 'Millrace/prod/Data',
        MetricName: metric,
        Threshold: 1,
        Period: 7200,
        TreatMissingData: 'notBreaching',
      });
    expect(() => parseStage('prod', { prod: { datasetAlarms: ['flights'] } })).toThrow(
      /datasetAlarms.0: got "flights"/,
    );
  });

  test('hears of files that were taken or refused, and says when their shape or volume is another', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['millrace.data'], 'detail-type': ['DatasetVersionRegistered', 'IngestionRefused'] },
    });
    expect(actionsOf('IngestionsHear')).toEqual([
      'cloudwatch:PutMetricData',
      ...['GetItem', 'Query'].map((action) => `dynamodb:${action}`),
      'sqs:SendMessage',
    ]);
    for (const [name, metric] of [
      ['data/schema-changed', 'DatasetsRefusing'],
      ['data/volume-unusual', 'DatasetVolumeUnusual'],
    ])
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `millrace/prod/${name}`,
        Namespace: 'Millrace/prod/Data',
        MetricName: metric,
        Threshold: 1,
      });
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
    expect(census).toEqual({});
  });
});
