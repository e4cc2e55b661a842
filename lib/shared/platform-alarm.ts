import { Duration } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { PlatformStack } from './platform-stack.ts';

export type Severity = 'page' | 'ticket';

export interface PlatformAlarmProps {
  /** Path-like name behind `<stage>/`: `<domain>/<what>` or `<domain>/<what>/<which>`; the runbook has a section for `<domain>/<what>`. */
  readonly name: string;
  readonly severity: Severity;
  /** What is wrong when it fires, in one sentence. */
  readonly description: string;
  readonly metric: {
    readonly namespace: string;
    readonly name: string;
    readonly statistic: string;
    readonly dimensions?: Readonly<Record<string, string>>;
  };
  readonly threshold: number;
  /** @default 5 minutes */
  readonly period?: Duration;
  /** @default 1 */
  readonly evaluationPeriods?: number;
  /** @default notBreaching: no traffic is no trouble on a platform that scales to zero */
  readonly missingData?: 'notBreaching' | 'breaching' | 'ignore';
  readonly topic: ITopic;
}

/** Fires at or above its threshold, tells the stage's topic, and links to its section of the runbook. */
export class PlatformAlarm extends Construct {
  readonly resource: CfnAlarm;

  constructor(scope: Construct, id: string, props: PlatformAlarmProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    const section = props.name.split('/').slice(0, 2).join('-');
    this.resource = new CfnAlarm(this, 'Resource', {
      alarmName: `millrace/${stage.name}/${props.name}`,
      alarmDescription: `[${props.severity}] ${props.description}. Runbook: ${stage.runbookUrl}#${section}`,
      namespace: props.metric.namespace,
      metricName: props.metric.name,
      statistic: props.metric.statistic,
      dimensions: Object.entries(props.metric.dimensions ?? {}).map(([name, value]) => ({ name, value })),
      threshold: props.threshold,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      period: (props.period ?? Duration.minutes(5)).toSeconds(),
      evaluationPeriods: props.evaluationPeriods ?? 1,
      treatMissingData: props.missingData ?? 'notBreaching',
      alarmActions: [props.topic.topicArn],
      okActions: [props.topic.topicArn],
    });
  }
}
