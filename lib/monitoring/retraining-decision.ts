import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DecideRetrainingEnv } from '../../lambdas/monitoring/contract.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';
import { TopicConsumer } from '../shared/topic-consumer.ts';

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
    new TopicConsumer(this, 'Alarms', { consumer: decide, topic, deadLetters: 'undecided-alarms' });
  }
}
