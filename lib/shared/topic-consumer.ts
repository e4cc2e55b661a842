import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription, type ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DeadLetters } from './dead-letters.ts';
import type { PlatformFunction } from './platform-function.ts';

export interface TopicConsumerProps {
  readonly consumer: PlatformFunction;
  readonly topic: ITopic;
  /** Name of the queue for what was not delivered, or not handled after two retries. */
  readonly deadLetters: string;
}

/** A function that hears a topic; no message is lost, however it fails. */
export class TopicConsumer extends Construct {
  constructor(scope: Construct, id: string, { consumer, topic, deadLetters }: TopicConsumerProps) {
    super(scope, id);
    const letters = new DeadLetters(this, 'DeadLetters', { name: deadLetters, topic });
    letters.takeFailures(this, consumer);
    letters.takeUndelivered('sns.amazonaws.com', topic.topicArn);
    new CfnPermission(this, 'FromTopic', {
      action: 'lambda:InvokeFunction',
      functionName: consumer.arn,
      principal: 'sns.amazonaws.com',
      sourceArn: topic.topicArn,
    });
    new CfnSubscription(this, 'Subscription', {
      topicArn: topic.topicArn,
      protocol: 'lambda',
      endpoint: consumer.arn,
      redrivePolicy: { deadLetterTargetArn: letters.queue.queueArn },
    });
  }
}
