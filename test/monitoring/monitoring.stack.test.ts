import { beforeAll, describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { WatchedEndpoints } from '../../lambdas/monitoring/contract.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { MonitoringStack } from '../../lib/monitoring/monitoring-stack.ts';
import { PlatformStack } from '../../lib/shared/platform-stack.ts';
import { parseStage, type Stage } from '../../lib/shared/stage.ts';
import { StateTable } from '../../lib/shared/state-table.ts';
import { Zone } from '../../lib/shared/zone.ts';

const STAGE = {
  disposable: true,
  driftCheckMinutes: 10,
  retrainingCooldownMinutes: 90,
  endpoints: { rain: { model: 'rain', driftPsi: 0.25 }, 'snow-alps': { model: 'snow' } },
};

/** The stacks to the left, as far as this one looks. */
class Neighbours extends PlatformStack {
  readonly bundles: Zone;
  readonly windows: StateTable;
  constructor(app: App, stage: Stage) {
    super(app, 'neighbours', stage);
    this.bundles = new Zone(this, 'Bundles', { zone: 'bundles' });
    this.windows = new StateTable(this, 'Windows', { table: 'windows' });
  }
}

function synthesize(settings: Record<string, unknown> = STAGE) {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage('test', { test: settings });
  const lineage = new LineageStack(app, stage);
  const neighbours = new Neighbours(app, stage);
  const monitoring = new MonitoringStack(app, stage, { lineage, data: neighbours, serving: neighbours });
  return { monitoring: Template.fromStack(monitoring), lineage: Template.fromStack(lineage) };
}

describe('the monitoring stack', () => {
  let template: Template;
  let lineage: Template;
  beforeAll(() => {
    ({ monitoring: template, lineage } = synthesize());
  });

  test('has what the domain is made of and nothing that is billed by the hour', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    const census = Object.fromEntries(
      [...new Set(types)].sort().map((type) => [type, types.filter((each) => each === type).length]),
    );
    expect(census).toEqual({
      'AWS::CloudWatch::Alarm': 5,
      'AWS::Events::Rule': 1,
      'AWS::IAM::Policy': 5,
      'AWS::IAM::Role': 5,
      'AWS::Lambda::EventInvokeConfig': 1,
      'AWS::Lambda::Function': 3,
      'AWS::Lambda::Permission': 1,
      'AWS::Logs::LogGroup': 4,
      'AWS::SNS::Subscription': 1,
      'AWS::SQS::Queue': 1,
      'AWS::SQS::QueuePolicy': 1,
      'AWS::StepFunctions::StateMachine': 1,
    });
  });

  test.each([
    ['rain', 0.25],
    ['snow-alps', 0.2],
  ])('endpoint %s has an alarm from its own threshold of %d on, on its own metric', (endpoint, Threshold) => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `millrace/test/monitoring/drift/${endpoint}`,
      Namespace: 'Millrace/test',
      MetricName: `${endpoint}-drift`,
      Statistic: 'Maximum',
      Dimensions: [],
      Threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Period: 60,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      AlarmDescription: Match.stringLikeRegexp('Runbook: docs/runbook.md#monitoring-drift$'),
    });
  });

  test('every alarm tells the stage topic, which lets CloudWatch publish', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ 'Fn::ImportValue': Match.stringLikeRegexp('Alarms') }],
    });
    lineage.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
          }),
        ]),
      },
    });
  });

  test('the topic reaches the decision, and what it cannot deliver or decide ends in one queue', () => {
    const [queue] = Object.keys(template.findResources('AWS::SQS::Queue'));
    const [decide] = Object.keys(
      template.findResources('AWS::Lambda::Function', {
        Properties: { FunctionName: 'millrace-test-monitoring-decide-retraining' },
      }),
    );
    const queueArn = { 'Fn::GetAtt': [queue, 'Arn'] };
    const functionArn = { 'Fn::GetAtt': [decide, 'Arn'] };
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'lambda',
      Endpoint: functionArn,
      RedrivePolicy: { deadLetterTargetArn: queueArn },
    });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: functionArn,
      Principal: 'sns.amazonaws.com',
      SourceArn: { 'Fn::ImportValue': Match.stringLikeRegexp('Alarms') },
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: decide },
      DestinationConfig: { OnFailure: { Destination: queueArn } },
    });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'sqs:SendMessage', Principal: { Service: 'sns.amazonaws.com' } }),
        ]),
      },
    });
  });

  test('the functions know endpoints, thresholds and cooldown from the stage', () => {
    const variables = variablesOf(template, 'decide-retraining');
    expect(WatchedEndpoints.parse(variables['ENDPOINTS'])).toEqual([
      { endpoint: 'rain', model: 'rain', workspace: 'default', driftPsi: 0.25 },
      { endpoint: 'snow-alps', model: 'snow', workspace: 'default', driftPsi: 0.2 },
    ]);
    expect(variables['COOLDOWN_MINUTES']).toBe('90');
  });

  test.each([
    [10, 'rate(10 minutes)'],
    [15, 'rate(15 minutes)'],
    [1440, 'rate(1 day)'],
  ])('a check every %d minutes is a rule of %s', (driftCheckMinutes, ScheduleExpression) => {
    synthesize({ ...STAGE, driftCheckMinutes }).monitoring.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression,
      Targets: [Match.objectLike({ Input: '{}', RoleArn: Match.anyValue() })],
    });
  });

  test('each role may do exactly what its part does', () => {
    expect(actionsByRole(template)).toEqual({
      Api: [
        'dynamodb:GetItem',
        'dynamodb:Query',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'states:DescribeExecution',
        'states:StartExecution',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      CheckDriftTasks: [
        'cloudwatch:PutMetricData',
        'dynamodb:ConditionCheckItem',
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        's3:GetObject',
        's3:ListBucket',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      RetrainingDecideRetraining: [
        'dynamodb:ConditionCheckItem',
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'sqs:SendMessage',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      Schedule: ['states:StartExecution'],
      CheckDrift: expect.arrayContaining(['lambda:InvokeFunction', 'logs:CreateLogDelivery']),
    });
  });

  test('figures go to the namespace of the stage and to no other', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'cloudwatch:PutMetricData',
            Condition: { StringEqualsIfExists: { 'cloudwatch:namespace': 'Millrace/test' } },
          }),
        ]),
      },
    });
  });
});

interface Policy {
  Properties: { PolicyDocument: { Statement: { Action: string | string[] }[] } };
}

function actionsByRole(template: Template): Record<string, string[]> {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')) as unknown as [string, Policy][];
  return Object.fromEntries(
    policies.map(([id, { Properties }]) => [
      id.replace(/RoleDefaultPolicy.*$/, ''),
      [...new Set(Properties.PolicyDocument.Statement.flatMap(({ Action }) => Action))].sort(),
    ]),
  );
}

function variablesOf(template: Template, unit: string): Record<string, string> {
  const [found] = Object.values(
    template.findResources('AWS::Lambda::Function', {
      Properties: { FunctionName: `millrace-test-monitoring-${unit}` },
    }),
  );
  return found?.['Properties'].Environment.Variables;
}
