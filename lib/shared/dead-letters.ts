import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow } from './allow.ts';
import { PlatformAlarm } from './platform-alarm.ts';
import type { PlatformFunction } from './platform-function.ts';
import { PlatformStack } from './platform-stack.ts';

export interface DeadLettersProps {
  /** The queue is named `millrace-<stage>-<name>`; its alarm `lineage/dead-letters/<name>`. */
  readonly name: string;
  readonly topic: ITopic;
}

/** Where what could not be handled is kept for two weeks, with the alarm that says so. */
export class DeadLetters extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { name, topic }: DeadLettersProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    this.queue = new Queue(this, 'Resource', {
      queueName: `millrace-${stage.name}-${name}`,
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    new PlatformAlarm(this, 'Alarm', {
      name: `lineage/dead-letters/${name}`,
      severity: 'ticket',
      description: `something could not be handled and waits in ${name}`,
      metric: {
        namespace: 'AWS/SQS',
        name: 'ApproximateNumberOfMessagesVisible',
        statistic: 'Maximum',
        dimensions: { QueueName: this.queue.queueName },
      },
      threshold: 1,
      topic,
    });
  }

  /** What a service hands over and the function never gets. */
  takeUndelivered(service: string, sourceArn: string): void {
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(service)],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
      }),
    );
  }

  /** What a function that is called asynchronously gets, and fails at after two retries. */
  takeFailures(scope: Construct, consumer: PlatformFunction): void {
    allow(consumer, ['sqs:SendMessage'], this.queue.queueArn);
    const onFailure = new CfnEventInvokeConfig(scope, 'OnFailure', {
      functionName: consumer.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: this.queue.queueArn } },
    });
    onFailure.node.addDependency(consumer.role);
  }
}
