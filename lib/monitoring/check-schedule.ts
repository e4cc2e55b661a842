import type { Duration } from 'aws-cdk-lib';
import { CfnRule, Schedule } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allow } from '../shared/allow.ts';
import type { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformStack } from '../shared/platform-stack.ts';

export interface CheckScheduleProps {
  readonly machine: AslStateMachine;
  readonly every: Duration;
  readonly topic: ITopic;
}

/**
 * Starts the check again and again: a rule, which costs nothing itself. Without new rows an execution is one short
 * function call. A start that failed is not repeated for long, since the next one judges the same rows.
 */
export class CheckSchedule extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { machine, every, topic }: CheckScheduleProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    allow(this, ['states:StartExecution'], machine.arn);
    const rule = new CfnRule(this, 'Resource', {
      name: `millrace-${stage.name}-check-drift`,
      description: 'Starts the drift check',
      scheduleExpression: Schedule.rate(every).expressionString,
      targets: [
        {
          id: 'check-drift',
          arn: machine.arn,
          roleArn: this.role.roleArn,
          input: '{}',
          retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: Math.max(60, every.toSeconds()) },
        },
      ],
    });
    rule.node.addDependency(this.role);
    new PlatformAlarm(this, 'Unstarted', {
      name: 'monitoring/check-unstarted',
      severity: 'ticket',
      description: 'the schedule could not start a drift check',
      metric: {
        namespace: 'AWS/Events',
        name: 'FailedInvocations',
        statistic: 'Sum',
        dimensions: { RuleName: rule.ref },
      },
      threshold: 1,
      topic,
    });
  }
}
