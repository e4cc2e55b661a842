import { describe, expect, test } from '@jest/globals';
import { CfnResource } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { AWS_ONLY_TYPES, localOnly } from '../../lib/shared/platform.ts';
import { aPlatformStack } from '../builders/platform-stack.ts';

const templateOf = (build: (stack: ReturnType<typeof aPlatformStack>) => void) => {
  const stack = aPlatformStack();
  build(stack);
  return Template.fromStack(stack).toJSON() as {
    Resources: Record<string, { Type: string; Condition?: string }>;
    Conditions?: Record<string, unknown>;
    Parameters?: Record<string, { Default?: string; AllowedValues?: string[] }>;
  };
};

describe('one template for both platforms', () => {
  test('gives a type that exists on AWS only the condition of AWS', () => {
    const [type] = AWS_ONLY_TYPES;
    const { Resources, Conditions } = templateOf((stack) => {
      new CfnResource(stack, 'Part', { type: type as string });
      new CfnResource(stack, 'Other', { type: 'AWS::S3::Bucket' });
    });
    expect(Resources['Part']?.Condition).toBe('OnAws');
    expect(Resources['Other']?.Condition).toBeUndefined();
    expect(Conditions?.['OnAws']).toEqual({ 'Fn::Equals': [{ Ref: 'Platform' }, 'aws'] });
  });

  test('gives a part that the local cloud alone gets, and all inside it, the condition of the local cloud', () => {
    const { Resources, Conditions } = templateOf((stack) => {
      const standIn = localOnly(new Construct(stack, 'StandIn'));
      new CfnResource(standIn, 'Inner', { type: 'AWS::S3::Bucket' });
      new CfnResource(stack, 'Other', { type: 'AWS::S3::Bucket' });
    });
    const [inner] = Object.entries(Resources).filter(([id]) => id.startsWith('StandIn'));
    expect(inner?.[1].Condition).toBe('OnLocal');
    expect(Resources['Other']?.Condition).toBeUndefined();
    expect(Conditions?.['OnLocal']).toEqual({ 'Fn::Equals': [{ Ref: 'Platform' }, 'local'] });
  });

  test('is for AWS where nobody says otherwise', () => {
    const { Parameters } = templateOf((stack) => localOnly(new CfnResource(stack, 'A', { type: 'AWS::S3::Bucket' })));
    expect(Parameters?.['Platform']).toMatchObject({ Default: 'aws', AllowedValues: ['aws', 'local'] });
  });

  test('of a stack without such parts has no condition at all', () => {
    const { Conditions, Parameters } = templateOf((stack) => {
      new CfnResource(stack, 'A', { type: 'AWS::S3::Bucket' });
    });
    expect(Conditions).toBeUndefined();
    expect(Parameters?.['Platform']).toBeUndefined();
  });
});

describe('a stack of the platform', () => {
  test('is named after stage and domain, tagged, and protected unless its stage is disposable', () => {
    expect(aPlatformStack()).toMatchObject({ stackName: 'millrace-prod-kitchen', terminationProtection: true });
    expect(aPlatformStack({ disposable: true }).terminationProtection).toBe(false);
    expect(aPlatformStack({ account: '111122223333', region: 'eu-central-1' })).toMatchObject({
      account: '111122223333',
      region: 'eu-central-1',
    });
  });
});
