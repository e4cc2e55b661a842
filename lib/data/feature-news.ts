import { Duration } from 'aws-cdk-lib';
import { CfnRule, type EventBus, Schedule } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DATASET_VERSION_REGISTERED, FEATURES_APPLIED } from '../../lambdas/data/contract.ts';
import { allow } from '../shared/allow.ts';
import type { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformStack } from '../shared/platform-stack.ts';

export interface FeatureNewsProps {
  readonly machine: AslStateMachine;
  readonly eventBus: EventBus;
}

/**
 * Starts the materialisation when a dataset has a new version and when a definition changed, and once a day for whatever
 * was missed: that look is also what notices that features are stale, so news that is lost needs no queue of its own.
 */
export class FeatureNews extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { machine, eventBus }: FeatureNewsProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    allow(this, ['states:StartExecution'], machine.arn);
    const target = {
      id: 'materialise-features',
      arn: machine.arn,
      roleArn: this.role.roleArn,
      retryPolicy: {
        maximumRetryAttempts: 10,
        maximumEventAgeInSeconds: Duration.hours(12).toSeconds(),
      },
    };
    const heard = new CfnRule(this, 'Resource', {
      name: `millrace-${stage.name}-materialise-features`,
      description: 'A new version or definition is brought into the online features',
      eventBusName: eventBus.eventBusName,
      eventPattern: {
        source: ['millrace.data'],
        'detail-type': [DATASET_VERSION_REGISTERED, FEATURES_APPLIED],
      },
      targets: [target],
    });
    const daily = new CfnRule(this, 'Daily', {
      name: `millrace-${stage.name}-check-features`,
      description: 'Says how stale online features are, and brings those up to date that are',
      scheduleExpression: Schedule.rate(Duration.days(1)).expressionString,
      targets: [{ ...target, input: '{}' }],
    });
    for (const rule of [heard, daily]) rule.node.addDependency(this.role);
  }
}
