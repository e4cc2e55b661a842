import { type App, Duration, Size } from 'aws-cdk-lib';
import { ReturnEndpointEnv, RollOutModelEnv, ServingApiEnv } from '../../lambdas/serving/contract.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { LineageStack } from '../lineage/lineage-stack.ts';
import type { RegistryStack } from '../registry/registry-stack.ts';
import { allow } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { StateTable } from '../shared/state-table.ts';
import { Sub } from '../shared/substitution.ts';
import { TopicConsumer } from '../shared/topic-consumer.ts';
import { ENDPOINT_WORKSPACE, ModelEndpoint } from './model-endpoint.ts';
import { RolloutRequests } from './rollout-requests.ts';
import { WindowCollector } from './window-collector.ts';

export interface ServingStackProps {
  readonly lineage: Pick<LineageStack, 'catalogue' | 'eventBus' | 'alarmTopic'>;
  readonly data: Pick<DataStack, 'bundles'>;
  readonly registry: Pick<RegistryStack, 'signer'>;
}

/** The stage's endpoints, the windows of what they do, and the rollouts that change what they serve. */
export class ServingStack extends PlatformStack {
  readonly windows: StateTable;
  /** By name, as the stage names them. */
  readonly endpoints: Map<string, ModelEndpoint>;
  readonly rollOut: AslStateMachine;
  readonly api: PlatformFunction;

  constructor(app: App, stage: Stage, props: ServingStackProps) {
    super(app, 'serving', stage);
    const topic = props.lineage.alarmTopic.resource;
    this.windows = new StateTable(this, 'Windows', { table: 'windows' });
    const { collect: collector } = new WindowCollector(this, 'Collector', { windows: this.windows, topic });
    const { bundles } = props.data;
    this.endpoints = new Map(
      Object.entries(stage.endpoints).map(([name, { model, memoryMiB }]) => [
        name,
        new ModelEndpoint(this, `Endpoint-${name}`, {
          name,
          model,
          bundles,
          collector,
          topic,
          memory: Size.mebibytes(memoryMiB),
        }),
      ]),
    );
    this.rollOut = new AslStateMachine(this, 'RollOutModel', {
      file: 'serving/roll-out-model',
      substitutions: { RollOutModel: Sub.invoke(this.makeTasks(props)) },
    });
    new PlatformAlarm(this, 'RolloutFailed', {
      name: 'serving/rollout-failed',
      severity: 'page',
      description: 'a rollout could not record its end; its endpoint may still share traffic with the candidate',
      metric: {
        namespace: 'AWS/States',
        name: 'ExecutionsFailed',
        statistic: 'Sum',
        dimensions: { StateMachineArn: this.rollOut.arn },
      },
      threshold: 1,
      topic,
    });
    const hear = new PlatformFunction(this, 'RequestRollout', {
      handler: 'serving/request-rollout',
      env: ServingApiEnv,
      variables: this.rolloutVariables(props),
    });
    new RolloutRequests(this, 'Requests', { hear, eventBus: props.lineage.eventBus, rollOut: this.rollOut, topic });
    const giveBack = new PlatformFunction(this, 'ReturnEndpoint', {
      handler: 'serving/return-endpoint',
      env: ReturnEndpointEnv,
      variables: {
        STAGE: stage.name,
        CATALOGUE_TABLE: props.lineage.catalogue.name,
        ENDPOINTS: this.servedEndpoints,
      },
    });
    // Hears every alarm of the stage; where one says that a bundle does not verify, the alias moves back.
    new TopicConsumer(this, 'RefusedBundles', { consumer: giveBack, topic, deadLetters: 'unreturned-endpoints' });
    this.api = new PlatformFunction(this, 'Api', {
      handler: 'serving/api',
      env: ServingApiEnv,
      variables: this.rolloutVariables(props),
    });
    for (const starter of [hear, this.api]) {
      allow(starter, ['states:StartExecution'], this.rollOut.arn);
      allow(starter, ['states:DescribeExecution'], this.rollOut.executions);
    }
    for (const mover of [hear, this.api, giveBack]) {
      props.lineage.catalogue.allowWrite(mover);
      this.allowOnEndpoints(mover, ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetFunctionConfiguration']);
    }
  }

  private makeTasks({ lineage: { catalogue }, data: { bundles }, registry: { signer } }: ServingStackProps) {
    const tasks = new PlatformFunction(this, 'RolloutTasks', {
      handler: 'serving/roll-out-model',
      env: RollOutModelEnv,
      variables: {
        CATALOGUE_TABLE: catalogue.name,
        WINDOWS_TABLE: this.windows.name,
        BUNDLES_BUCKET: bundles.name,
        SIGNING_KEY: signer.keyArn,
        ENDPOINTS: this.servedEndpoints,
      },
      // Waits for Lambda to apply an update; the state machine's own timeouts are longer.
      timeout: Duration.seconds(50),
    });
    catalogue.allowWrite(tasks);
    this.windows.allowRead(tasks);
    bundles.allowRead(tasks);
    signer.allowPublicKey(tasks);
    this.allowOnEndpoints(tasks, [
      'lambda:GetAlias',
      'lambda:UpdateAlias',
      'lambda:GetFunctionConfiguration',
      'lambda:UpdateFunctionConfiguration',
      'lambda:PublishVersion',
      'lambda:InvokeFunction',
    ]);
    return tasks;
  }

  private rolloutVariables({ lineage: { catalogue } }: ServingStackProps) {
    return {
      CATALOGUE_TABLE: catalogue.name,
      ENDPOINTS: this.servedEndpoints,
      ROLL_OUT_MODEL_ARN: this.rollOut.arn,
    };
  }

  /** On the functions of this stage's endpoints, their versions and their alias; on nothing where there is none. */
  private allowOnEndpoints(fn: PlatformFunction, actions: readonly string[]): void {
    const arns = [...this.endpoints.values()].flatMap((endpoint) => endpoint.arns);
    if (arns.length > 0) allow(fn, actions, ...arns);
  }

  /** The stage's endpoints as the functions read them. */
  private get servedEndpoints(): string {
    return this.toJsonString(
      [...this.endpoints].map(
        ([
          endpoint,
          {
            function: { name: functionName },
          },
        ]) => ({
          endpoint,
          model: this.stage.endpoints[endpoint]?.model,
          workspace: ENDPOINT_WORKSPACE,
          functionName,
          keptVersions: this.stage.endpoints[endpoint]?.keptVersions,
        }),
      ),
    );
  }
}
