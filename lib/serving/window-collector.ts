import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CollectWindowsEnv, metricNamespace } from '../../lambdas/serving/contract.ts';
import { allow } from '../shared/allow.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';

export interface WindowCollectorProps {
  readonly windows: StateTable;
  readonly topic: ITopic;
}

/** Merges the endpoints' log lines into windows and publishes their metrics; endpoints subscribe it to their logs. */
export class WindowCollector extends Construct {
  readonly collect: PlatformFunction;

  constructor(scope: Construct, id: string, { windows, topic }: WindowCollectorProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    this.collect = new PlatformFunction(this, 'CollectWindows', {
      handler: 'serving/collect-windows',
      env: CollectWindowsEnv,
      variables: { STAGE: stage.name, WINDOWS_TABLE: windows.name },
      // Many environments deliver at once and meet at the same window: the last of them waits for its turn.
      timeout: Duration.minutes(1),
    });
    windows.allowWrite(this.collect);
    // PutMetricData takes no resource (service authorization reference, CloudWatch): the namespace is what narrows it.
    // AWS fills the key in every such call, the emulator in none.
    this.collect.role.addToPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEqualsIfExists: { 'cloudwatch:namespace': metricNamespace(stage.name) } },
      }),
    );
    const { queue } = new DeadLetters(this, 'Uncollected', { name: 'uncollected-windows', topic });
    allow(this.collect, ['sqs:SendMessage'], queue.queueArn);
    const onFailure = new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: this.collect.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    onFailure.node.addDependency(this.collect.role);
  }
}
