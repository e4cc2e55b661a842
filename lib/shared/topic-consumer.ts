import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription, type ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allow } from './allow.ts';
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
    const { queue } = new DeadLetters(this, 'DeadLetters', { name: deadLetters, topic });
    allow(consumer, ['sqs:SendMessage'], queue.queueArn);
    // The topic hands over asynchronously: its own dead letters are what the function never got, these what it failed at.
    const onFailure = new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: consumer.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    onFailure.node.addDependency(consumer.role);
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
      }),
    );
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
      redrivePolicy: { deadLetterTargetArn: queue.queueArn },
    });
  }
}
