import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';

const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
const stage = parseStage('prod', { prod: {} });
const template = Template.fromStack(new DataStack(app, stage, { lineage: new LineageStack(app, stage) }));

interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}
const statementsOf = (owner: string): Statement[] =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`${owner}RoleDefaultPolicy`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
/** Bucket and pattern of what an action is allowed on, such as `Curated` and what lies below its train folders. */
const placesOf = (owner: string, action: string): string[] =>
  statementsOf(owner)
    .filter(({ Action }) => [Action].flat().includes(action))
    .flatMap(({ Resource }) => [Resource].flat())
    .map((resource) => {
      const text = JSON.stringify(resource);
      const [, bucket = ''] = /"(?:Features)?([A-Z][a-z]+)\w*","Arn"/.exec(text) ?? [];
      return `${bucket}${/"(\/[^"]*)"/.exec(text)?.[1] ?? ''}`;
    })
    .sort();

describe('the feature store', () => {
  test('keeps its online table under an id that never changes, and its zone for 90 days', () => {
    const tables = template.findResources('AWS::DynamoDB::Table', {
      Properties: { TableName: 'millrace-prod-features' },
    });
    const [table] = Object.entries(tables);
    expect(table?.[1]).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { TableName: 'millrace-prod-features', BillingMode: 'PAY_PER_REQUEST' },
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 90 })] },
      LoggingConfiguration: { LogFilePrefix: 'features/' },
    });
  });

  test('lets no join read a row of the test split', () => {
    expect(placesOf('FeaturesJoinTasks', 's3:GetObject')).toEqual([
      'Curated/*/*/manifests/*',
      'Curated/*/*/train/*',
      'Zone/*/*/spines/*',
    ]);
    expect(placesOf('FeaturesJoinTasks', 's3:PutObject')).toEqual(['Zone/*/*/joins/*']);
    const writes = statementsOf('FeaturesJoinTasks').flatMap(({ Action }) => Action);
    expect(writes.filter((action) => /dynamodb:(Put|Delete|Update)/.test(action))).toEqual([]);
  });

  test('lets the materialisation read all rows, and write its pages and the online table', () => {
    expect(placesOf('FeaturesMaterialiseTasks', 's3:GetObject')).toEqual(['Curated/*', 'Zone/*/*/materialisations/*']);
    expect(placesOf('FeaturesMaterialiseTasks', 's3:PutObject')).toEqual(['Zone/*/*/materialisations/*']);
    expect(placesOf('FeaturesMaterialiseTasks', 'dynamodb:DeleteItem')).toEqual(['Online']);
  });

  test('lets the materialisation publish into the namespace of its stage only', () => {
    const [publish] = statementsOf('FeaturesMaterialiseTasks').filter(
      ({ Action }) => Action === 'cloudwatch:PutMetricData',
    );
    expect(publish?.Condition).toEqual({ StringEqualsIfExists: { 'cloudwatch:namespace': 'Millrace/prod' } });
  });

  test('lets the API sign for spines and results, read online values, and write none', () => {
    expect(placesOf('Api', 's3:PutObject').filter((place) => place.startsWith('Zone'))).toEqual(['Zone/*/*/spines/*']);
    expect(placesOf('Api', 's3:GetObject')).toContain('Zone/*/*/joins/*');
    expect(placesOf('Api', 'dynamodb:GetItem')).toContain('Online');
    expect(placesOf('Api', 'dynamodb:PutItem')).not.toContain('Online');
  });

  test('materialises on every new version and definition, and looks at all sets once a day', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['millrace.data'],
        'detail-type': ['DatasetVersionRegistered', 'FeaturesApplied'],
      },
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('MaterialiseFeatures'), 'Arn'] } })],
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 day)',
      Targets: [Match.objectLike({ Input: '{}' })],
    });
    expect(statementsOf('FeaturesNews').flatMap(({ Action }) => Action)).toEqual(['states:StartExecution']);
  });

  test('fires when a set has been behind for two hours, and not while nobody measures', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/data/features-stale',
      Namespace: 'Millrace/prod',
      MetricName: 'features-stale-hours',
      Statistic: 'Maximum',
      Threshold: 2,
      TreatMissingData: 'notBreaching',
    });
  });

  test('waits longer for its functions than they may take', () => {
    for (const [name, state] of [
      ['join-features', 'JoinFeatures'],
      ['materialise-features', 'ComputeFeatures'],
    ] as const) {
      const [machine] = Object.values(
        template.findResources('AWS::StepFunctions::StateMachine', {
          Properties: { StateMachineName: `millrace-prod-data-${name}` },
        }),
      );
      const timeout = new RegExp(`"${state}": \\{[^]*?"TimeoutSeconds": (\\d+)`).exec(
        machine?.Properties.DefinitionString,
      );
      expect(Number(timeout?.[1])).toBeGreaterThan(600);
      template.hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: `millrace-prod-data-${name}`,
        Timeout: 600,
        MemorySize: 1769,
        EphemeralStorage: { Size: 4096 },
      });
    }
  });
});
