import { type App, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CheckDriftEnv, MonitoringApiEnv } from '../../lambdas/monitoring/contract.ts';
import { metricNamespace } from '../../lambdas/serving/contract.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { LineageStack } from '../lineage/lineage-stack.ts';
import type { ServingStack } from '../serving/serving-stack.ts';
import { allow } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { Sub } from '../shared/substitution.ts';
import { CheckSchedule } from './check-schedule.ts';
import { DriftAlarm } from './drift-alarm.ts';
import { RetrainingDecision } from './retraining-decision.ts';

export interface MonitoringProps {
  readonly lineage: Pick<LineageStack, 'catalogue' | 'alarmTopic'>;
  readonly data: Pick<DataStack, 'bundles'>;
  readonly serving: Pick<ServingStack, 'windows'>;
}

/** The drift check and its schedule, an alarm for each endpoint, and the decision that an alarm leads to. */
export class MonitoringStack extends PlatformStack {
  readonly checkDrift: AslStateMachine;
  readonly api: PlatformFunction;

  constructor(app: App, stage: Stage, { lineage, data, serving }: MonitoringProps) {
    super(app, 'monitoring', stage);
    const { catalogue } = lineage;
    const topic = lineage.alarmTopic.resource;
    const endpoints = watchedEndpoints(stage);

    const tasks = new PlatformFunction(this, 'CheckDriftTasks', {
      handler: 'monitoring/check-drift',
      env: CheckDriftEnv,
      variables: {
        STAGE: stage.name,
        CATALOGUE_TABLE: catalogue.name,
        WINDOWS_TABLE: serving.windows.name,
        BUNDLES_BUCKET: data.bundles.name,
        ENDPOINTS: endpoints,
      },
      // Reads at most 35 days of windows of one endpoint; the machine's own timeouts are longer than this.
      timeout: Duration.seconds(60),
    });
    catalogue.allowWrite(tasks);
    serving.windows.allowRead(tasks);
    data.bundles.allowRead(tasks);
    allowMetrics(tasks, metricNamespace(stage.name));
    this.checkDrift = new AslStateMachine(this, 'CheckDrift', {
      file: 'monitoring/check-drift',
      substitutions: { CheckDrift: Sub.invoke(tasks) },
    });
    new CheckSchedule(this, 'Schedule', {
      machine: this.checkDrift,
      every: Duration.minutes(stage.driftCheckMinutes),
      topic,
    });
    new PlatformAlarm(this, 'CheckFailed', {
      name: 'monitoring/check-failed',
      severity: 'ticket',
      description: 'a drift check could not judge an endpoint',
      metric: {
        namespace: 'AWS/States',
        name: 'ExecutionsFailed',
        statistic: 'Sum',
        dimensions: { StateMachineArn: this.checkDrift.arn },
      },
      threshold: 1,
      topic,
    });

    for (const [endpoint, { driftPsi }] of Object.entries(stage.endpoints)) {
      new DriftAlarm(this, `Drift-${endpoint}`, { endpoint, driftPsi, topic });
    }
    new RetrainingDecision(this, 'Retraining', { catalogue, endpoints, topic });
    this.api = this.makeApi(lineage, endpoints);
  }

  private makeApi({ catalogue }: MonitoringProps['lineage'], endpoints: string): PlatformFunction {
    const api = new PlatformFunction(this, 'Api', {
      handler: 'monitoring/api',
      env: MonitoringApiEnv,
      variables: {
        CATALOGUE_TABLE: catalogue.name,
        CHECK_DRIFT_ARN: this.checkDrift.arn,
        ENDPOINTS: endpoints,
      },
    });
    catalogue.allowRead(api);
    allow(api, ['states:StartExecution'], this.checkDrift.arn);
    allow(api, ['states:DescribeExecution'], this.checkDrift.executions);
    return api;
  }
}

/** The stage's endpoints as the functions read them. */
const watchedEndpoints = (stage: Stage): string =>
  JSON.stringify(
    Object.entries(stage.endpoints).map(([endpoint, { model, driftPsi }]) => ({
      endpoint,
      model,
      workspace: 'default',
      driftPsi,
    })),
  );

/**
 * PutMetricData takes no resource (service authorization reference, CloudWatch): the namespace is what narrows it. Every
 * call has one, so that `IfExists` lets nothing else pass on AWS; the local cloud fills no such key.
 */
function allowMetrics({ role }: PlatformFunction, namespace: string): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEqualsIfExists: { 'cloudwatch:namespace': namespace } },
    }),
  );
}
