import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription, type ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allow } from '../shared/allow.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import type { PlatformFunction } from '../shared/platform-function.ts';

export interface RefusedBundlesProps {
  /** `serving/return-endpoint`. */
  readonly giveBack: PlatformFunction;
  readonly topic: ITopic;
}

/** Hears every alarm of the stage; where it says that an endpoint's bundle does not verify, the alias moves back. */
export class RefusedBundles extends Construct {
  constructor(scope: Construct, id: string, { giveBack, topic }: RefusedBundlesProps) {
    super(scope, id);
    const { queue } = new DeadLetters(this, 'Unreturned', { name: 'unreturned-endpoints', topic });
    allow(giveBack, ['sqs:SendMessage'], queue.queueArn);
    const onFailure = new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: giveBack.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    onFailure.node.addDependency(giveBack.role);
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
      functionName: giveBack.arn,
      principal: 'sns.amazonaws.com',
      sourceArn: topic.topicArn,
    });
    new CfnSubscription(this, 'Subscription', {
      topicArn: topic.topicArn,
      protocol: 'lambda',
      endpoint: giveBack.arn,
      redrivePolicy: { deadLetterTargetArn: queue.queueArn },
    });
  }
}
