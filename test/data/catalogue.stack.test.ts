import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { parseStage } from '../../lib/shared/stage.ts';
import { aDataTemplate, rolesOf } from '../builders/data-template.ts';

describe('the catalogue of datasets', () => {
  const template = aDataTemplate();
  const { statementsOf, actionsOf } = rolesOf(template);

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
});
