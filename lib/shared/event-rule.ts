import { Duration } from 'aws-cdk-lib';
import { CfnRule, type EventBus } from 'aws-cdk-lib/aws-events';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { DeadLetters } from './dead-letters.ts';
import type { PlatformFunction } from './platform-function.ts';
import { PlatformStack } from './platform-stack.ts';

export interface EventRuleProps {
  /** The rule is named `millrace-<stage>-<name>`. */
  readonly name: string;
  readonly description?: string;
  /** @default the account's own bus, which AWS's services tell */
  readonly eventBus?: EventBus;
  readonly eventPattern: object;
  readonly consumer: PlatformFunction;
  readonly deadLetters: DeadLetters;
}

/** Hands matching events to a function for twelve hours; what it never got goes to the dead letters. */
export function addEventRule(scope: Construct, id: string, props: EventRuleProps): void {
  const { name, consumer, deadLetters } = props;
  const rule = new CfnRule(scope, id, {
    name: `millrace-${PlatformStack.of(scope).stage.name}-${name}`,
    description: props.description,
    eventBusName: props.eventBus?.eventBusName,
    eventPattern: props.eventPattern,
    targets: [
      {
        id: name,
        arn: consumer.arn,
        retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: Duration.hours(12).toSeconds() },
        deadLetterConfig: { arn: deadLetters.queue.queueArn },
      },
    ],
  });
  deadLetters.takeUndelivered('events.amazonaws.com', rule.attrArn);
  new CfnPermission(scope, `From${id}`, {
    action: 'lambda:InvokeFunction',
    functionName: consumer.arn,
    principal: 'events.amazonaws.com',
    sourceArn: rule.attrArn,
  });
}
