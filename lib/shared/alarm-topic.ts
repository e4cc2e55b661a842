import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { PlatformStack } from './platform-stack.ts';

/** The one topic that every alarm of a stage tells; its recipients stand in the stage. */
export class AlarmTopic extends Construct {
  readonly resource: Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const { stage } = stack;
    this.resource = new Topic(this, 'Resource', { topicName: `millrace-${stage.name}-alarms`, enforceSSL: true });
    // The TLS rule replaces the policy that a topic has by itself, and with it what lets alarms in.
    this.resource.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.resource.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
    for (const address of stage.alarms.emails) this.resource.addSubscription(new EmailSubscription(address));
  }
}
