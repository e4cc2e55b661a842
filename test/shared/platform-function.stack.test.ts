import { describe, expect, test } from '@jest/globals';
import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { PlatformFunction } from '../../lib/shared/platform-function.ts';
import { aPlatformStack } from '../builders/platform-stack.ts';

const Env = z.object({ KETTLE_TABLE: z.string(), CUPS: z.string().optional() });
const FUNCTION = { handler: 'lineage/api', env: Env, variables: { KETTLE_TABLE: 'kettles' } } as const;

describe('a platform function', () => {
  test('has the one runtime, its own log group, and a trace', () => {
    const stack = aPlatformStack({ logRetentionDays: 90 });
    new PlatformFunction(stack, 'Boil', FUNCTION);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'millrace-prod-lineage-api',
      Runtime: 'nodejs24.x',
      Architectures: ['x86_64'],
      Handler: 'index.handler',
      MemorySize: 512,
      Timeout: 20,
      TracingConfig: { Mode: 'Active' },
      Environment: { Variables: { KETTLE_TABLE: 'kettles' } },
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { LogGroupName: '/millrace/prod/lineage-api', RetentionInDays: 90 },
      DeletionPolicy: 'Retain',
    });
  });

  test('may write its log and its trace, and nothing else', () => {
    const stack = aPlatformStack();
    new PlatformFunction(stack, 'Boil', FUNCTION);
    const template = Template.fromStack(stack);
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const statements = policy?.['Properties'].PolicyDocument.Statement as { Action: string[]; Resource: unknown }[];
    expect(statements.map(({ Action }) => Action)).toEqual([
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
    ]);
    expect(JSON.stringify(statements[1]?.Resource)).toContain('BoilLogs');
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role')))
      expect(Properties.ManagedPolicyArns).toBeUndefined();
  });

  test('takes memory, timeout, name and concurrency from those who know better', () => {
    const stack = aPlatformStack();
    new PlatformFunction(stack, 'Boil', {
      ...FUNCTION,
      memory: Size.gibibytes(2),
      timeout: Duration.minutes(5),
      functionName: 'millrace-prod-endpoint-rain',
      reservedConcurrency: 3,
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'millrace-prod-endpoint-rain',
      MemorySize: 2048,
      Timeout: 300,
      ReservedConcurrentExecutions: 3,
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/millrace/prod/endpoint-rain' });
  });

  test('names the handler file that is not there', () => {
    const stack = aPlatformStack();
    expect(() => new PlatformFunction(stack, 'Boil', { ...FUNCTION, handler: 'lineage/boil' })).toThrow(
      'handler: got lineage/boil, there is no lambdas/lineage/handlers/boil.ts',
    );
  });

  test('belongs into a stack of the platform', () => {
    const foreign = new Stack(new App(), 'Foreign');
    expect(() => new PlatformFunction(foreign, 'Boil', FUNCTION)).toThrow('belongs into a PlatformStack, got Stack');
  });

  test('with a variable missing, unknown or of another type does not compile', () => {
    const wrong = (stack: ReturnType<typeof aPlatformStack>) => {
      // @ts-expect-error: KETTLE_TABLE is missing
      new PlatformFunction(stack, 'A', { handler: 'lineage/api', env: Env, variables: {} });
      // @ts-expect-error: SPOON is in no schema
      new PlatformFunction(stack, 'B', { ...FUNCTION, variables: { KETTLE_TABLE: 'kettles', SPOON: 'x' } });
      // @ts-expect-error: a variable is text
      new PlatformFunction(stack, 'C', { ...FUNCTION, variables: { KETTLE_TABLE: 3 } });
    };
    // The compiler is the judge (npm run check -- types): an expectation above that is not met fails it.
    expect(wrong).toBeInstanceOf(Function);
  });
});
