import { describe, expect, test } from '@jest/globals';
import { idleCost, type PricedTemplate } from '../../lib/shared/idle-cost.ts';

const aTemplate = (
  resources: Record<string, [type: string, properties?: object, condition?: string]>,
): PricedTemplate => ({
  Resources: Object.fromEntries(
    Object.entries(resources).map(([id, [Type, Properties, Condition]]) => [id, { Type, Properties, Condition }]),
  ),
});

const CHECK = {
  StartAt: 'Find',
  States: {
    Find: { Type: 'Task', Next: 'Each', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Record' }] },
    Each: { Type: 'Map', ItemProcessor: { StartAt: 'A', States: { A: { Type: 'Task', End: true } } }, Next: 'Any' },
    Any: { Type: 'Choice', Choices: [{ Next: 'Tell' }], Default: 'Done' },
    Tell: { Type: 'Task', Next: 'Done' },
    Done: { Type: 'Succeed' },
    Record: { Type: 'Task', Next: 'Failed' },
    Failed: { Type: 'Fail' },
  },
};

describe('an idle month', () => {
  test('costs nothing for what is billed by use', () => {
    const template = aTemplate({
      Zone: ['AWS::S3::Bucket'],
      Table: ['AWS::DynamoDB::Table', { BillingMode: 'PAY_PER_REQUEST' }],
      Fn: ['AWS::Lambda::Function'],
    });
    expect(idleCost([template])).toEqual({ items: [], usd: 0 });
  });

  test('costs a dollar a key and ten cents an alarm, over all stacks', () => {
    const one = aTemplate({ Key: ['AWS::KMS::Key'], A: ['AWS::CloudWatch::Alarm', { Period: 300 }] });
    const two = aTemplate({
      B: ['AWS::CloudWatch::Alarm', { Period: 60 }],
      C: ['AWS::CloudWatch::Alarm', { Period: 10 }],
    });
    const { items, usd } = idleCost([one, two]);
    expect(items).toEqual([
      { what: 'KMS keys', count: 1, usd: 1 },
      { what: 'alarms, high resolution', count: 1, usd: 0.3 },
      { what: 'alarms', count: 2, usd: 0.2 },
    ]);
    expect(usd).toBeCloseTo(1.5, 10);
  });

  test('costs the transitions of what a schedule starts and finds nothing to do', () => {
    const template = aTemplate({
      Check: ['AWS::StepFunctions::StateMachine', { DefinitionString: JSON.stringify(CHECK) }],
      Rule: [
        'AWS::Events::Rule',
        { ScheduleExpression: 'rate(15 minutes)', Targets: [{ Arn: { 'Fn::GetAtt': ['Check', 'Arn'] } }] },
      ],
    });
    const [executions, calls] = idleCost([template]).items;
    // The start, Find, Each, Any, Tell, Done: six transitions, four times an hour, for 730 hours.
    expect(executions).toMatchObject({ what: 'scheduled executions (2920 a month)', count: 1 });
    expect(executions?.usd).toBeCloseTo(2920 * 6 * 0.000025, 8);
    expect(calls?.usd).toBeGreaterThan(2920 * 2 * 0.0000083);
    expect(calls?.usd).toBeLessThan(0.1);
  });

  test('costs the polls of a queue, and nothing for those of a stream', () => {
    const mapping = (arn: unknown): [string, object] => ['AWS::Lambda::EventSourceMapping', { EventSourceArn: arn }];
    const { items } = idleCost([
      aTemplate({
        Queue: mapping({ 'Fn::GetAtt': ['UploadsQueue', 'Arn'] }),
        Stream: mapping({ 'Fn::GetAtt': ['CatalogueResource', 'StreamArn'] }),
      }),
    ]);
    expect(items).toEqual([{ what: 'polls of empty queues', count: 1, usd: expect.closeTo(0.2628, 4) }]);
  });

  test('leaves out what only the local cloud gets', () => {
    expect(idleCost([aTemplate({ Stand: ['AWS::EC2::Instance', {}, 'OnLocal'] })])).toEqual({ items: [], usd: 0 });
  });

  test.each<[string, [string, object?], RegExp]>([
    ['a type without a price', ['AWS::EC2::NatGateway'], /Part: got AWS::EC2::NatGateway, .* knows no price/],
    ['provisioned capacity', ['AWS::DynamoDB::Table', { BillingMode: 'PROVISIONED' }], /billed by the hour/],
    ['the default capacity, which is provisioned', ['AWS::DynamoDB::Table', {}], /billed by the hour/],
    ['a cache', ['AWS::ApiGateway::Stage', { CacheClusterEnabled: true }], /billed by the hour/],
    ['provisioned concurrency', ['AWS::Lambda::Alias', { ProvisionedConcurrencyConfig: {} }], /billed by the hour/],
    ['a schedule that is no rate', ['AWS::Events::Rule', { ScheduleExpression: 'cron(0 0 * * ? *)' }], /expected rate/],
    [
      'a schedule of something else',
      ['AWS::Events::Rule', { ScheduleExpression: 'rate(1 hour)', Targets: [{ Arn: 'arn:aws:x' }] }],
      /expected a state machine/,
    ],
  ])('refuses %s', (_, resource, message) => {
    expect(() => idleCost([aTemplate({ Part: resource })])).toThrow(message);
  });
});
