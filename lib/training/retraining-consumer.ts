import { Duration } from 'aws-cdk-lib';
import { CfnRule, type EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { RETRAINING_REQUESTED, StartTrainingEnv } from '../../lambdas/training/contract.ts';
import { allow } from '../shared/allow.ts';
import type { AslStateMachine } from '../shared/asl-state-machine.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';

export interface RetrainingConsumerProps {
  readonly catalogue: StateTable;
  readonly eventBus: EventBus;
  readonly train: AslStateMachine;
  readonly topic: ITopic;
}

/**
 * Hears `RetrainingRequested` and starts the training. A request that cannot be delivered and one that fails end in
 * the same queue, which has an alarm of its own.
 */
export class RetrainingConsumer extends Construct {
  readonly start: PlatformFunction;

  constructor(scope: Construct, id: string, { catalogue, eventBus, train, topic }: RetrainingConsumerProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    this.start = new PlatformFunction(this, 'StartTraining', {
      handler: 'training/start-training',
      env: StartTrainingEnv,
      variables: { CATALOGUE_TABLE: catalogue.name, TRAIN_MODEL_ARN: train.arn },
    });
    const { queue } = new DeadLetters(this, 'UnstartedTrainings', { name: 'unstarted-trainings', topic });
    allow(this.start, ['sqs:SendMessage'], queue.queueArn);

    const rule = new CfnRule(this, 'Rule', {
      name: `millrace-${stage.name}-start-training`,
      description: 'Starts the training that someone asked for',
      eventBusName: eventBus.eventBusName,
      eventPattern: {
        source: [RETRAINING_REQUESTED.source],
        'detail-type': [RETRAINING_REQUESTED.detailType],
      },
      targets: [
        {
          id: 'start-training',
          arn: this.start.arn,
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
      functionName: this.start.arn,
      principal: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    });
    // The rule hands over asynchronously: its dead letters are what the function never got, these what it failed at.
    const onFailure = new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: this.start.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    onFailure.node.addDependency(this.start.role);
  }
}
