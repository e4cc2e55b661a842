import { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { driftAlarm, driftMetric } from '../../lambdas/monitoring/contract.ts';
import { metricNamespace } from '../../lambdas/serving/contract.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformStack } from '../shared/platform-stack.ts';

export interface DriftAlarmProps {
  readonly endpoint: string;
  /** Population stability index from which it fires. */
  readonly driftPsi: number;
  readonly topic: ITopic;
}

/**
 * Fires when a check finds drift. A check publishes one figure, so the period is as short as it can be: the alarm is
 * over a few minutes later, and the next check that finds drift makes it fire anew.
 */
export class DriftAlarm extends Construct {
  constructor(scope: Construct, id: string, { endpoint, driftPsi, topic }: DriftAlarmProps) {
    super(scope, id);
    new PlatformAlarm(this, 'Resource', {
      name: driftAlarm(endpoint),
      severity: 'ticket',
      description: `what endpoint ${endpoint} is asked differs from what its model was trained on`,
      metric: {
        namespace: metricNamespace(PlatformStack.of(this).stage.name),
        name: driftMetric(endpoint),
        statistic: 'Maximum',
      },
      threshold: driftPsi,
      period: Duration.minutes(1),
      topic,
    });
  }
}
