import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DeadLetters } from './dead-letters.ts';
import { addEventRule } from './event-rule.ts';
import type { PlatformFunction } from './platform-function.ts';

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
    const { consumer, name, description, eventBus } = props;
    const deadLetters = new DeadLetters(this, 'DeadLetters', { name: props.deadLetters, topic: props.topic });
    const eventPattern = { source: [props.source].flat(), 'detail-type': props.detailTypes };
    addEventRule(this, 'Rule', { name, description, eventBus, eventPattern, consumer, deadLetters });
    deadLetters.takeFailures(this, consumer);
  }
}
