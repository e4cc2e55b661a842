import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription, type ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DecideRetrainingEnv } from '../../lambdas/monitoring/contract.ts';
import { allow } from '../shared/allow.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';

export interface RetrainingDecisionProps {
  readonly catalogue: StateTable;
  /** The stage's endpoints, as `DecideRetrainingEnv` reads them. */
  readonly endpoints: string;
  readonly topic: ITopic;
}

/**
 * Hears every alarm of the stage and acts on the drift alarms among them. An alarm that cannot be delivered and one that
 * cannot be decided on end in the same queue, which has an alarm of its own.
 */
export class RetrainingDecision extends Construct {
  constructor(scope: Construct, id: string, { catalogue, endpoints, topic }: RetrainingDecisionProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    const decide = new PlatformFunction(this, 'DecideRetraining', {
      handler: 'monitoring/decide-retraining',
      env: DecideRetrainingEnv,
      variables: {
        STAGE: stage.name,
        CATALOGUE_TABLE: catalogue.name,
        ENDPOINTS: endpoints,
        COOLDOWN_MINUTES: String(stage.retrainingCooldownMinutes),
      },
    });
    catalogue.allowWrite(decide);
    const { queue } = new DeadLetters(this, 'UndecidedAlarms', { name: 'undecided-alarms', topic });
    allow(decide, ['sqs:SendMessage'], queue.queueArn);
    // The topic hands over asynchronously: its own dead letters are what the function never got, these what it failed at.
    const onFailure = new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: decide.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    onFailure.node.addDependency(decide.role);
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
      functionName: decide.arn,
      principal: 'sns.amazonaws.com',
      sourceArn: topic.topicArn,
    });
    new CfnSubscription(this, 'Subscription', {
      topicArn: topic.topicArn,
      protocol: 'lambda',
      endpoint: decide.arn,
      redrivePolicy: { deadLetterTargetArn: queue.queueArn },
    });
  }
}
