import { type App, Duration, Size } from 'aws-cdk-lib';
import { CURATED_PARTS } from '../../lambdas/data/contract.ts';
import {
  TrainingApiEnv,
  TrainingEvaluateEnv,
  TrainingReleaseEnv,
  TrainingTasksEnv,
} from '../../lambdas/training/contract.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { LineageStack } from '../lineage/lineage-stack.ts';
import type { RegistryStack } from '../registry/registry-stack.ts';
import { allow, TABLE_READ } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { Sub } from '../shared/substitution.ts';
import type { TrackingStack } from '../tracking/tracking-stack.ts';
import { CandidateConsumer } from './candidate-consumer.ts';
import { RetrainingConsumer } from './retraining-consumer.ts';
import { TrainingJobs } from './training-jobs.ts';

export interface TrainingStackProps {
  readonly lineage: Pick<LineageStack, 'catalogue' | 'eventBus' | 'alarmTopic'>;
  readonly data: Pick<DataStack, 'curated' | 'artifacts' | 'bundles'>;
  readonly registry: Pick<RegistryStack, 'signer'>;
  readonly tracking: Pick<TrackingStack, 'table' | 'runs'>;
}

/** Model specs, training runs, and the workflow that turns a dataset version into a judged, signed, registered model. */
export class TrainingStack extends PlatformStack {
  readonly train: AslStateMachine;
  readonly api: PlatformFunction;

  constructor(app: App, stage: Stage, props: TrainingStackProps) {
    super(app, 'training', stage);
    const { catalogue, eventBus, alarmTopic } = props.lineage;
    const jobs = new TrainingJobs(this, 'Jobs', { artifacts: props.data.artifacts });
    this.train = new AslStateMachine(this, 'TrainModel', {
      file: 'training/train-model',
      substitutions: {
        Tasks: Sub.invoke(this.makeTasks(props)),
        Evaluate: Sub.invoke(this.makeEvaluate(props)),
        Release: Sub.invoke(this.makeRelease(props)),
        TrainResource: jobs.resource,
        TrainingRole: Sub.text(jobs.role.roleArn),
      },
    });
    new PlatformAlarm(this, 'Failed', {
      name: 'training/failed',
      severity: 'ticket',
      description: 'a training ended in an error; its run says which',
      metric: {
        namespace: 'AWS/States',
        name: 'ExecutionsFailed',
        statistic: 'Sum',
        dimensions: { StateMachineArn: this.train.arn },
      },
      threshold: 1,
      topic: alarmTopic.resource,
    });

    const { start } = new RetrainingConsumer(this, 'Retraining', {
      catalogue,
      eventBus,
      train: this.train,
      topic: alarmTopic.resource,
    });
    const { adopt } = new CandidateConsumer(this, 'Candidates', {
      catalogue,
      artifacts: props.data.artifacts,
      eventBus,
      train: this.train,
      topic: alarmTopic.resource,
    });
    this.api = this.makeApi(props);
    for (const starter of [start, adopt, this.api]) {
      this.allowFacts(starter, props);
      // A run begins to read a dataset version only while nobody deletes it.
      allow(starter, ['dynamodb:ConditionCheckItem'], catalogue.resource.tableArn);
      allow(starter, ['states:StartExecution'], this.train.arn);
      allow(starter, ['states:DescribeExecution'], this.train.executions);
    }
  }

  /** Trains: reads what may be learned from, remembers what it has done, and cannot read a row that is held out. */
  private makeTasks(props: TrainingStackProps): PlatformFunction {
    const tasks = new PlatformFunction(this, 'Tasks', {
      handler: 'training/tasks',
      env: TrainingTasksEnv,
      variables: { ...runStores(props), ...props.tracking.runs },
      ...MODEL_RUNNER,
    });
    this.allowTracking(tasks, props);
    const { curated, artifacts } = props.data;
    props.lineage.catalogue.allowRead(tasks);
    for (const part of [CURATED_PARTS.train, CURATED_PARTS.manifests]) curated.allowRead(tasks, part);
    for (const part of ['*/runs/*', '*/steps/*']) {
      artifacts.allowRead(tasks, part);
      artifacts.allowWrite(tasks, part);
    }
    // A client's version becomes a bundle: its one ONNX file is read, whatever else is stored beside it is not.
    artifacts.allowRead(tasks, '*/mlflow/*');
    return tasks;
  }

  /** Judges: beside the ingestion the only function that reads rows which are held out, and it fits nothing. */
  private makeEvaluate(props: TrainingStackProps): PlatformFunction {
    const { catalogue } = props.lineage;
    const { curated, artifacts, bundles } = props.data;
    const evaluate = new PlatformFunction(this, 'Evaluate', {
      handler: 'training/evaluate',
      env: TrainingEvaluateEnv,
      variables: {
        ...runStores(props),
        BUNDLES_BUCKET: bundles.name,
        SIGNING_KEY: props.registry.signer.keyArn,
      },
      ...MODEL_RUNNER,
    });
    catalogue.allowRead(evaluate);
    for (const part of [CURATED_PARTS.train, CURATED_PARTS.heldOut, CURATED_PARTS.manifests])
      curated.allowRead(evaluate, part);
    artifacts.allowRead(evaluate, '*/runs/*');
    artifacts.allowWrite(evaluate, '*/runs/*/evaluation.json');
    bundles.allowRead(evaluate);
    props.registry.signer.allowPublicKey(evaluate);
    return evaluate;
  }

  /** Judges by the gate's rules, seals, registers and records: the only function that writes bundles and may sign. */
  private makeRelease(props: TrainingStackProps): PlatformFunction {
    const { data, registry } = props;
    const release = new PlatformFunction(this, 'Release', {
      handler: 'training/release',
      env: TrainingReleaseEnv,
      variables: {
        ...runStores(props),
        ...props.tracking.runs,
        BUNDLES_BUCKET: data.bundles.name,
        SIGNING_KEY: registry.signer.keyArn,
      },
      // Below the workflow's timeouts for its steps.
      timeout: Duration.seconds(50),
    });
    this.allowFacts(release, props);
    this.allowTracking(release, props);
    data.curated.allowRead(release, CURATED_PARTS.manifests);
    data.artifacts.allowRead(release, '*/runs/*');
    data.artifacts.allowWrite(release, '*/runs/*/gate.json');
    // What a client loads of a version that was trained here.
    data.artifacts.allowWrite(release, '*/mlflow/*/artifacts/model/*');
    data.bundles.allowRead(release);
    data.bundles.allowWrite(release);
    registry.signer.allowSign(release);
    return release;
  }

  private makeApi({ lineage: { catalogue }, data: { artifacts } }: TrainingStackProps): PlatformFunction {
    const api = new PlatformFunction(this, 'Api', {
      handler: 'training/api',
      env: TrainingApiEnv,
      variables: {
        CATALOGUE_TABLE: catalogue.name,
        ARTIFACTS_BUCKET: artifacts.name,
        TRAIN_MODEL_ARN: this.train.arn,
      },
    });
    artifacts.allowWrite(api, '*/scripts/*');
    return api;
  }

  /** Training runs are MLflow runs, begun and ended in the tracking table; nothing of it is deleted. */
  private allowTracking(fn: PlatformFunction, { tracking: { table } }: TrainingStackProps): void {
    allow(fn, [...TABLE_READ, 'dynamodb:BatchGetItem', 'dynamodb:PutItem'], table.resource.tableArn);
  }

  /** Facts of this domain are written and replaced, never deleted. */
  private allowFacts(fn: PlatformFunction, { lineage: { catalogue } }: TrainingStackProps): void {
    allow(fn, [...TABLE_READ, 'dynamodb:PutItem'], catalogue.resource.tableArn);
  }
}

/** What runs models over rows gets one whole core on Lambda: the trainer is one thread. */
const MODEL_RUNNER = {
  memory: Size.mebibytes(1769),
  timeout: Duration.minutes(5),
  native: ['onnxruntime'] as const,
};

const runStores = ({ lineage, data }: TrainingStackProps) => ({
  CATALOGUE_TABLE: lineage.catalogue.name,
  CURATED_BUCKET: data.curated.name,
  ARTIFACTS_BUCKET: data.artifacts.name,
});
