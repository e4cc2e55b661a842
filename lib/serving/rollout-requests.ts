import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CHAMPION_CHOSEN, EXECUTION_CHANGED, ROLLOUT_ENDED } from '../../lambdas/serving/contract.ts';
import type { AslStateMachine } from '../shared/asl-state-machine.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import { addEventRule } from '../shared/event-rule.ts';
import type { PlatformFunction } from '../shared/platform-function.ts';

export interface RolloutRequestsProps {
  /** `serving/request-rollout`. */
  readonly hear: PlatformFunction;
  readonly eventBus: EventBus;
  readonly rollOut: AslStateMachine;
  readonly topic: ITopic;
}

/**
 * Lets rollouts begin: when a champion is chosen, when the rollout before has ended, and when an execution died without
 * having ended its rollout. What cannot be delivered and what fails end in the same queue, which has an alarm of its own.
 */
export class RolloutRequests extends Construct {
  constructor(scope: Construct, id: string, { hear, eventBus, rollOut, topic }: RolloutRequestsProps) {
    super(scope, id);
    const deadLetters = new DeadLetters(this, 'Unheard', { name: 'unrequested-rollouts', topic });
    addEventRule(this, 'Wishes', {
      name: 'request-rollout',
      eventBus,
      eventPattern: {
        source: [CHAMPION_CHOSEN.source, 'millrace.serving'],
        'detail-type': [CHAMPION_CHOSEN.detailType, ROLLOUT_ENDED],
      },
      ...{ consumer: hear, deadLetters },
    });
    // Step Functions tells the account's default bus.
    addEventRule(this, 'Deaths', {
      name: 'resume-rollout',
      eventPattern: {
        source: ['aws.states'],
        'detail-type': [EXECUTION_CHANGED],
        detail: { stateMachineArn: [rollOut.arn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      ...{ consumer: hear, deadLetters },
    });
    deadLetters.takeFailures(this, hear);
  }
}
