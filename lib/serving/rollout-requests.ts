import { Duration } from 'aws-cdk-lib';
import { CfnRule, type EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CHAMPION_CHOSEN, EXECUTION_CHANGED, ROLLOUT_ENDED } from '../../lambdas/serving/contract.ts';
import { allow } from '../shared/allow.ts';
import type { AslStateMachine } from '../shared/asl-state-machine.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import type { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';

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
    const { queue } = new DeadLetters(this, 'Unheard', { name: 'unrequested-rollouts', topic });
    allow(hear, ['sqs:SendMessage'], queue.queueArn);
    this.addRule(
      'Wishes',
      { hear, queue, name: 'request-rollout', eventBusName: eventBus.eventBusName },
      {
        source: [CHAMPION_CHOSEN.source, 'millrace.serving'],
        'detail-type': [CHAMPION_CHOSEN.detailType, ROLLOUT_ENDED],
      },
    );
    // Step Functions tells the account's default bus.
    this.addRule(
      'Deaths',
      { hear, queue, name: 'resume-rollout' },
      {
        source: ['aws.states'],
        'detail-type': [EXECUTION_CHANGED],
        detail: { stateMachineArn: [rollOut.arn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
    );
    const onFailure = new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: hear.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    onFailure.node.addDependency(hear.role);
  }

  private addRule(
    id: string,
    { hear, queue, name, eventBusName }: { hear: PlatformFunction; queue: Queue; name: string; eventBusName?: string },
    eventPattern: object,
  ): void {
    const { stage } = PlatformStack.of(this);
    const rule = new CfnRule(this, id, {
      name: `millrace-${stage.name}-${name}`,
      eventBusName,
      eventPattern,
      targets: [
        {
          id: name,
          arn: hear.arn,
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
    new CfnPermission(this, `${id}Permission`, {
      action: 'lambda:InvokeFunction',
      functionName: hear.arn,
      principal: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    });
  }
}
