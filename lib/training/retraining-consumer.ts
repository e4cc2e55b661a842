import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { RETRAINING_REQUESTED, StartTrainingEnv } from '../../lambdas/training/contract.ts';
import type { AslStateMachine } from '../shared/asl-state-machine.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import { addEventRule } from '../shared/event-rule.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
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
    this.start = new PlatformFunction(this, 'StartTraining', {
      handler: 'training/start-training',
      env: StartTrainingEnv,
      variables: { CATALOGUE_TABLE: catalogue.name, TRAIN_MODEL_ARN: train.arn },
    });
    const deadLetters = new DeadLetters(this, 'UnstartedTrainings', { name: 'unstarted-trainings', topic });
    addEventRule(this, 'Rule', {
      name: 'start-training',
      description: 'Starts the training that someone asked for',
      eventBus,
      eventPattern: { source: [RETRAINING_REQUESTED.source], 'detail-type': [RETRAINING_REQUESTED.detailType] },
      consumer: this.start,
      deadLetters,
    });
    deadLetters.takeFailures(this, this.start);
  }
}
