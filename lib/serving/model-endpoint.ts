import { ArnFormat, CfnResource, Duration, Size, Token } from 'aws-cdk-lib';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnAlias, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import {
  endpointAlarm,
  endpointMetric,
  LIVE_ALIAS,
  metricNamespace,
  PredictEnv,
} from '../../lambdas/serving/contract.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Zone } from '../shared/zone.ts';

export interface ModelEndpointProps {
  /** Its name in URLs, metrics and the catalogue; the function is `millrace-<stage>-endpoint-<name>`. */
  readonly name: string;
  /** The registered model that it serves. */
  readonly model: string;
  /** Where bundles are. */
  readonly bundles: Zone;
  /** Takes the endpoint's log lines, as `serving/collect-windows` does. */
  readonly collector: PlatformFunction;
  /** Hears the endpoint's alarms. */
  readonly topic: ITopic;
  /** @default 1769 MiB, which is one whole core */
  readonly memory?: Size;
}

/** The workspace that endpoints of a stage belong to. */
export const ENDPOINT_WORKSPACE = 'default';

/**
 * A URL's function with its `live` alias. The template makes the alias once and states nothing of it that could change,
 * so that no deploy moves it: rollouts do. Function, alias, role and log group are kept when the stack goes, unless the
 * stage is disposable, and so is whatever rollouts published.
 */
export class ModelEndpoint extends Construct {
  readonly function: PlatformFunction;
  readonly alias: CfnAlias;
  /** Fixed: templates and metrics name the function by it. */
  readonly functionName: string;

  constructor(scope: Construct, id: string, props: ModelEndpointProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const functionName = `millrace-${stack.stage.name}-endpoint-${props.name}`;
    this.functionName = functionName;
    this.function = new PlatformFunction(this, 'Function', {
      handler: 'serving/predict',
      functionName,
      env: PredictEnv,
      variables: {
        ENDPOINT: props.name,
        WORKSPACE: ENDPOINT_WORKSPACE,
        MODEL: props.model,
        BUNDLES_BUCKET: props.bundles.name,
      },
      native: ['onnxruntime'],
      memory: props.memory ?? Size.mebibytes(1769),
    });
    // Fixed, and with it the role: versions share traffic only while their roles are the same.
    (this.function.role.node.defaultChild as CfnRole).roleName = functionName;
    props.bundles.allowRead(this.function, `${ENDPOINT_WORKSPACE}/*`);
    this.alias = new CfnAlias(this, 'Live', {
      functionName: this.function.name,
      functionVersion: '$LATEST',
      name: LIVE_ALIAS,
    });
    this.collectLines(props);
    for (const part of [this.function.resource, this.function.role, this.alias]) keep(part, stack);
    this.alarmOn(props);
  }

  /** What the gateway invokes: `<function arn>:live`. */
  get aliasArn(): string {
    // By name: a reference would be an export that the gateway imports, and no endpoint could be removed any more.
    return PlatformStack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: `${this.functionName}:${LIVE_ALIAS}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  /** The function and all its versions and its alias. */
  get arns(): string[] {
    return [this.function.arn, `${this.function.arn}:*`];
  }

  private collectLines({ collector }: ModelEndpointProps): void {
    const { logGroup } = this.function;
    const permission = new CfnPermission(this, 'LinesToCollector', {
      action: 'lambda:InvokeFunction',
      functionName: collector.arn,
      principal: 'logs.amazonaws.com',
      sourceArn: logGroup.logGroupArn,
      sourceAccount: PlatformStack.of(this).account,
    });
    const filter = new CfnSubscriptionFilter(this, 'Lines', {
      logGroupName: logGroup.logGroupName,
      // What every line of ours says, and the runtime's START, END and REPORT do not: a quarter of the deliveries.
      filterPattern: '"functionVersion"',
      destinationArn: collector.arn,
    });
    filter.addResourceDependency(permission);
  }

  private alarmOn({ name, topic }: ModelEndpointProps): void {
    const namespace = metricNamespace(PlatformStack.of(this).stage.name);
    new PlatformAlarm(this, 'Errors', {
      name: endpointAlarm('errors', name),
      severity: 'page',
      description: `endpoint ${name} fails requests`,
      metric: { namespace, name: endpointMetric(name, 'errors'), statistic: 'Sum' },
      // One failed request is an accident; five in five minutes are none.
      threshold: 5,
      topic,
    });
    // A version that times out or dies writes no line of its own: Lambda counts it.
    new PlatformAlarm(this, 'Crashes', {
      name: endpointAlarm('crashes', name),
      severity: 'page',
      description: `endpoint ${name} times out or dies before it answers`,
      metric: {
        namespace: 'AWS/Lambda',
        name: 'Errors',
        statistic: 'Sum',
        dimensions: { FunctionName: this.functionName, Resource: `${this.functionName}:${LIVE_ALIAS}` },
      },
      threshold: 3,
      topic,
    });
    new PlatformAlarm(this, 'BundleRefused', {
      name: endpointAlarm('bundle-refused', name),
      severity: 'page',
      description: `endpoint ${name} runs a version whose bundle does not verify`,
      metric: { namespace, name: endpointMetric(name, 'bundle-refused'), statistic: 'Sum' },
      threshold: 1,
      period: Duration.minutes(1),
      topic,
    });
  }
}

/** Keeps a part and what it consists of: a role without its policy would be a role that may nothing. */
function keep(part: IConstruct, { removal }: PlatformStack): void {
  for (const child of part.node.findAll()) {
    if (child instanceof CfnResource && !Token.isUnresolved(child.cfnResourceType)) child.applyRemovalPolicy(removal);
  }
}
