import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { allow } from '../../lib/shared/allow.ts';
import { aPlatformStack } from '../builders/platform-stack.ts';

describe('allow', () => {
  const aRole = () => {
    const stack = aPlatformStack();
    return { stack, role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }) };
  };

  test('states exactly the actions and resources that it is given', () => {
    const { stack, role } = aRole();
    allow({ role }, ['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::zone/*', 'arn:aws:s3:::other/*');
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: ['s3:GetObject', 's3:PutObject'],
            Effect: 'Allow',
            Resource: ['arn:aws:s3:::zone/*', 'arn:aws:s3:::other/*'],
          },
        ],
      },
    });
  });

  test.each(['*', 's3:*', 's3:Get*', 'dynamodb:BatchGet*'])('refuses %s: an action is named in full', (action) => {
    const { role } = aRole();
    expect(() => allow({ role }, ['s3:GetObject', action], 'arn:aws:s3:::zone')).toThrow(
      `actions: got ${action}, a permission names its action in full`,
    );
  });
});
