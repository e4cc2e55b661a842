import { describe, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AlarmTopic } from '../../lib/shared/alarm-topic.ts';
import { DeadLetters } from '../../lib/shared/dead-letters.ts';
import { PlatformAlarm } from '../../lib/shared/platform-alarm.ts';
import { aPlatformStack } from '../builders/platform-stack.ts';

const METRIC = { namespace: 'Millrace/prod', name: 'kettle-heat', statistic: 'Maximum' };

describe('an alarm of the platform', () => {
  const build = (changed: object = {}, stated: Record<string, unknown> = {}) => {
    const stack = aPlatformStack(stated);
    const topic = new AlarmTopic(stack, 'Topic').resource;
    new PlatformAlarm(stack, 'Alarm', {
      name: 'kitchen/too-hot/blue',
      severity: 'page',
      description: 'a kettle is too hot',
      metric: METRIC,
      threshold: 3,
      topic,
      ...changed,
    });
    return Template.fromStack(stack);
  };

  test('has a name like a path, and a link to the section of the runbook for its kind', () => {
    build({}, { runbookUrl: 'https://wiki.example.com/millrace' }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/kitchen/too-hot/blue',
      AlarmDescription: '[page] a kettle is too hot. Runbook: https://wiki.example.com/millrace#kitchen-too-hot',
    });
  });

  test('fires at its threshold, tells the topic when it fires and when it is over, and takes silence for rest', () => {
    build().hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Millrace/prod',
      MetricName: 'kettle-heat',
      Statistic: 'Maximum',
      Threshold: 3,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Period: 300,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      AlarmActions: [Match.anyValue()],
      OKActions: [Match.anyValue()],
    });
  });

  test('takes dimensions, period and missing data from those who know better', () => {
    build({
      metric: { ...METRIC, dimensions: { Kettle: 'blue' } },
      period: Duration.minutes(1),
      evaluationPeriods: 4,
      missingData: 'breaching',
    }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [{ Name: 'Kettle', Value: 'blue' }],
      Period: 60,
      EvaluationPeriods: 4,
      TreatMissingData: 'breaching',
    });
  });

  test('is heard by those whom the stage names, over TLS only', () => {
    const template = build({}, { alarms: { emails: ['on-call@example.com'] } });
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'on-call@example.com' });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
    build().resourceCountIs('AWS::SNS::Subscription', 0);
  });
});

describe('a queue of dead letters', () => {
  test('keeps them two weeks, encrypted, and its alarm fires at the first', () => {
    const stack = aPlatformStack();
    new DeadLetters(stack, 'Lost', { name: 'lost-orders', topic: new AlarmTopic(stack, 'Topic').resource });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'millrace-prod-lost-orders',
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'millrace/prod/lineage/dead-letters/lost-orders',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
    });
  });
});
