import { Duration } from 'aws-cdk-lib';
import { CfnRule, Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CheckDatasetsEnv, DATA_METRICS, dataMetricNamespace, datasetMetric } from '../../lambdas/data/contract.ts';
import { allow, TABLE_READ } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';
import { Sub } from '../shared/substitution.ts';

export interface DatasetWatchProps {
  readonly catalogue: StateTable;
  readonly topic: ITopic;
  /** `<workspace>/<dataset>` of those with an alarm of their own. */
  readonly alarms: readonly string[];
}

/** Looks every hour for datasets that nothing has come for. An hour in which nothing is stale is one short call. */
export class DatasetWatch extends Construct {
  readonly machine: AslStateMachine;
  private readonly topic: ITopic;

  constructor(scope: Construct, id: string, { catalogue, topic, alarms }: DatasetWatchProps) {
    super(scope, id);
    this.topic = topic;
    const { stage } = PlatformStack.of(this);
    const check = new PlatformFunction(this, 'Check', {
      handler: 'data/check-datasets',
      env: CheckDatasetsEnv,
      variables: { STAGE: stage.name, CATALOGUE_TABLE: catalogue.name },
      // Below the workflow's own.
      timeout: Duration.minutes(2),
    });
    allow(check, [...TABLE_READ, 'dynamodb:PutItem'], catalogue.resource.tableArn);
    allowFigures(check, dataMetricNamespace(stage.name));
    this.machine = new AslStateMachine(this, 'CheckDatasets', {
      file: 'data/check-datasets',
      substitutions: { CheckDatasets: Sub.invoke(check) },
    });
    this.schedule();
    this.alarmOn(alarms);
  }

  private schedule(): void {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    allow({ role }, ['states:StartExecution'], this.machine.arn);
    const { stage } = PlatformStack.of(this);
    const rule = new CfnRule(this, 'Schedule', {
      name: `millrace-${stage.name}-check-datasets`,
      description: 'Looks for datasets without news',
      scheduleExpression: Schedule.rate(Duration.hours(1)).expressionString,
      targets: [
        {
          id: 'check-datasets',
          arn: this.machine.arn,
          roleArn: role.roleArn,
          input: '{}',
          retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: Duration.hours(1).toSeconds() },
        },
      ],
    });
    rule.node.addDependency(role);
  }

  private alarmOn(datasets: readonly string[]): void {
    const { stage } = PlatformStack.of(this);
    const namespace = dataMetricNamespace(stage.name);
    const staleness = (id: string, name: string, metric: string, description: string) =>
      new PlatformAlarm(this, id, {
        name,
        severity: 'ticket',
        description,
        metric: { namespace, name: metric, statistic: 'Maximum' },
        threshold: 1,
        // Two checks: one that comes a minute late leaves no gap in which the alarm seems to be over.
        period: Duration.hours(2),
        topic: this.topic,
      });
    staleness(
      'Stale',
      'data/dataset-stale',
      DATA_METRICS.stale,
      'a dataset has had no new version for longer than its spec expects',
    );
    for (const each of datasets) {
      const [workspace = '', dataset = ''] = each.split('/');
      staleness(
        `Stale-${workspace}-${dataset}`,
        `data/dataset-stale/${each}`,
        datasetMetric('stale', workspace, dataset),
        `dataset ${dataset} of workspace ${workspace} has had no new version for longer than its spec expects`,
      );
    }
    new PlatformAlarm(this, 'CheckFailed', {
      name: 'data/dataset-check-failed',
      severity: 'ticket',
      description: 'the check for datasets without news failed, so nobody would hear of one',
      metric: {
        namespace: 'AWS/States',
        name: 'ExecutionsFailed',
        statistic: 'Sum',
        dimensions: { StateMachineArn: this.machine.arn },
      },
      threshold: 1,
      topic: this.topic,
    });
  }
}

/** PutMetricData takes no resource (service authorization reference, CloudWatch): the namespace is what narrows it. */
export function allowFigures({ role }: PlatformFunction, namespace: string): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEqualsIfExists: { 'cloudwatch:namespace': namespace } },
    }),
  );
}
