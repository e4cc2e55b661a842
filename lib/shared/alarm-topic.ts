import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { PlatformStack } from './platform-stack.ts';

/** The one topic that every alarm of a stage tells; its recipients stand in the stage. */
export class AlarmTopic extends Construct {
  readonly resource: Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    this.resource = new Topic(this, 'Resource', { topicName: `millrace-${stage.name}-alarms`, enforceSSL: true });
    for (const address of stage.alarms.emails) this.resource.addSubscription(new EmailSubscription(address));
  }
}
