import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { idleCost, type PricedTemplate } from '../../lib/shared/idle-cost.ts';
import { aStage } from '../builders/platform-stack.ts';

function aDataTemplate(stated: Record<string, unknown> = {}): Template {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = aStage(stated);
  return Template.fromStack(new DataStack(app, stage, { lineage: new LineageStack(app, stage) }));
}

interface Statement {
  Action: string | string[];
  Resource: unknown;
}

/** What one role may do beside its logs and traces: each action with the text of its resource. */
function rightsOf(template: Template, owner: string): Record<string, string> {
  const rights = Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`${owner}RoleDefaultPolicy`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[])
    .flatMap(({ Action, Resource }) => [Action].flat().map((action) => [action, Resource] as const))
    .filter(([action]) => !/^(logs|xray):/.test(action));
  const listed: Record<string, string> = {};
  for (const [action, resource] of rights) listed[action] = (listed[action] ?? '') + JSON.stringify(resource);
  return listed;
}
const costOf = (template: Template) => idleCost([template.toJSON() as PricedTemplate]).usd;

const TABLE = 'RecordsTable803AF5F0';

describe('the buffer of records', () => {
  const template = aDataTemplate();

  test('is kept, under an id that never changes', () => {
    const tables = template.findResources('AWS::DynamoDB::Table', {
      Properties: { TableName: 'millrace-prod-records' },
    });
    expect(Object.keys(tables)).toEqual([TABLE]);
    expect(tables[TABLE]).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        TableName: 'millrace-prod-records',
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    });
  });

  test('tells nobody of its changes: they are raw values', () => {
    expect(template.findResources('AWS::DynamoDB::Table')[TABLE]?.Properties.StreamSpecification).toBeUndefined();
  });

  test('is filled by the API, which may take nothing out, and emptied by the flush, which may put nothing in', () => {
    const api = rightsOf(template, 'Api');
    expect(api['dynamodb:PutItem']).toContain(TABLE);
    expect(Object.keys(api)).not.toContain('dynamodb:DeleteItem');
    expect(api['states:StartExecution']).toMatch(/"RecordsFlushRecords\w+","Arn"/);
    const flush = rightsOf(template, 'RecordsFlush');
    expect(Object.keys(flush).sort()).toEqual([
      ...['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 's3:PutObject'],
    ]);
    expect([flush['dynamodb:DeleteItem'], flush['dynamodb:Query']]).toEqual(
      [1, 2].map(() => JSON.stringify({ 'Fn::GetAtt': [TABLE, 'Arn'] })),
    );
    expect(flush['dynamodb:PutItem']).not.toContain(TABLE);
    expect(flush['s3:PutObject']).toMatch(/"Raw\w+","Arn"\]\},"\/\*\/records\.jsonl"/);
  });

  test('waits longer for a flush than the function may take', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'millrace-prod-data-flush', Timeout: 120 });
    const machines = template.findResources('AWS::StepFunctions::StateMachine');
    const [, machine] = Object.entries(machines).find(([id]) => id.startsWith('RecordsFlushRecords'))!;
    const { States } = JSON.parse(machine.Properties.DefinitionString) as {
      States: Record<string, { TimeoutSeconds?: number }>;
    };
    const timeouts = Object.values(States).flatMap(({ TimeoutSeconds }) => TimeoutSeconds ?? []);
    expect(timeouts).toEqual([150, 150]);
  });

  test('raises an alarm at the first flush that fails', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/data/flush-failed',
      MetricName: 'ExecutionsFailed',
      Dimensions: [
        {
          Name: 'StateMachineArn',
          Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RecordsFlushRecords'), 'Arn'] },
        },
      ],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  });
});

describe('a stage without streams', () => {
  test('has nothing of them', () => {
    const template = aDataTemplate();
    template.resourceCountIs('AWS::Kinesis::Stream', 0);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    expect(Object.keys(template.findResources('AWS::SQS::Queue')).filter((id) => /Stream/.test(id))).toEqual([]);
  });
});

describe('a stream of a stage', () => {
  const ARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/readings';
  const own = aDataTemplate({ streams: { readings: { dataset: 'weather', workspace: 'team' } } });
  const other = aDataTemplate({
    streams: { readings: { dataset: 'weather', arn: ARN, batchRecords: 100, batchSeconds: 5 } },
  });
  const COLLECT = 'StreamsreadingsCollect';

  test('that it has to make is on demand, encrypted, and kept', () => {
    const streams = own.findResources('AWS::Kinesis::Stream');
    expect(Object.entries(streams)).toMatchObject([
      [
        'StreamsreadingsF05507D5',
        {
          DeletionPolicy: 'Retain',
          Properties: {
            Name: 'millrace-prod-readings',
            StreamModeDetails: { StreamMode: 'ON_DEMAND' },
            RetentionPeriodHours: 168,
            StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
          },
        },
      ],
    ]);
  });

  test('that it has to make costs its hours, and one that is there costs the stage its alarms', () => {
    const nothing = costOf(aDataTemplate());
    expect(costOf(other) - nothing).toBeCloseTo(0.2, 6);
    expect(costOf(own) - nothing).toBeCloseTo(0.2 + 730 * 0.04, 6);
  });

  test('is read from its beginning, by size and time, and what cannot be written is kept in time', () => {
    own.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp(`^${COLLECT}`) },
      EventSourceArn: { 'Fn::GetAtt': ['StreamsreadingsF05507D5', 'Arn'] },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 5000,
      MaximumBatchingWindowInSeconds: 60,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: Match.absent(),
      MaximumRecordAgeInSeconds: 518_400,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
    other.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: ARN,
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
    });
  });

  test('may be read, and its dataset written to, by its function alone', () => {
    const rights = rightsOf(other, COLLECT);
    expect(Object.keys(rights).sort()).toEqual([
      'kinesis:DescribeStream',
      'kinesis:DescribeStreamSummary',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
      's3:PutObject',
      'sqs:SendMessage',
    ]);
    expect(rights['kinesis:GetRecords']).toBe(JSON.stringify(ARN));
    expect(rights['s3:PutObject']).toContain('"/default/weather/*/records.jsonl"');
    expect(rightsOf(own, COLLECT)['s3:PutObject']).toContain('"/team/weather/*/records.jsonl"');
  });

  test('raises an alarm when it falls behind', () => {
    own.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/data/stream-behind/readings',
      Namespace: 'AWS/Lambda',
      MetricName: 'IteratorAge',
      Threshold: 900_000,
    });
  });

  test.each([
    [{ readings: {} }, /streams\.readings\.dataset: got nothing/],
    [
      { readings: { dataset: 'x', arn: 'arn:aws:sqs:eu-west-1:123456789012:q' } },
      /streams\.readings\.arn: got .*ARN of a/,
    ],
    [{ readings: { dataset: 'x', batchSeconds: 301 } }, /streams\.readings\.batchSeconds: got 301/],
    [{ Readings: { dataset: 'x' } }, /streams\.Readings/],
  ])('is refused by what is wrong with it: %j', (streams, message) => {
    expect(() => aStage({ streams })).toThrow(message);
  });
});
