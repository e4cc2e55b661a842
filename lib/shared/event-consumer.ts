import { Duration } from 'aws-cdk-lib';
import { CfnRule, type EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allow } from './allow.ts';
import { DeadLetters } from './dead-letters.ts';
import type { PlatformFunction } from './platform-function.ts';
import { PlatformStack } from './platform-stack.ts';

export interface EventConsumerProps {
  readonly consumer: PlatformFunction;
  readonly eventBus: EventBus;
  /** The rule is named `millrace-<stage>-<name>`. */
  readonly name: string;
  /** What the function does with an event, in one sentence. */
  readonly description: string;
  readonly source: string | readonly string[];
  readonly detailTypes: readonly string[];
  /** Name of the queue for what was not delivered, or not handled after two retries. */
  readonly deadLetters: string;
  readonly topic: ITopic;
}

/** A function that hears events of the stage's bus; none is lost, however it fails. */
export class EventConsumer extends Construct {
  constructor(scope: Construct, id: string, props: EventConsumerProps) {
    super(scope, id);
    const { consumer, name, eventBus } = props;
    const { stage } = PlatformStack.of(this);
    const { queue } = new DeadLetters(this, 'DeadLetters', { name: props.deadLetters, topic: props.topic });
    allow(consumer, ['sqs:SendMessage'], queue.queueArn);
    const rule = new CfnRule(this, 'Rule', {
      name: `millrace-${stage.name}-${name}`,
      description: props.description,
      eventBusName: eventBus.eventBusName,
      eventPattern: { source: [props.source].flat(), 'detail-type': props.detailTypes },
      targets: [
        {
          id: name,
          arn: consumer.arn,
          retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: Duration.hours(12).toSeconds() },
          deadLetterConfig: { arn: queue.queueArn },
        },
      ],
    });
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
      }),
    );
    new CfnPermission(this, 'FromRule', {
      action: 'lambda:InvokeFunction',
      functionName: consumer.arn,
      principal: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    });
    // The rule hands over asynchronously: its dead letters are what the function never got, these what it failed at.
    const onFailure = new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: consumer.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    onFailure.node.addDependency(consumer.role);
  }
}
