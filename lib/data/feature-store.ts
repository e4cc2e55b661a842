import { Duration, Size } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { JoinFeaturesEnv, MaterialiseFeaturesEnv, STALE_HOURS } from '../../lambdas/data/contract.ts';
import { metricNamespace } from '../../lambdas/shared/metric-namespace.ts';
import { allow, TABLE_READ } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import { StateTable } from '../shared/state-table.ts';
import { Sub } from '../shared/substitution.ts';
import { Zone } from '../shared/zone.ts';
import { FeatureNews } from './feature-news.ts';

export interface FeatureStoreProps {
  readonly catalogue: StateTable;
  readonly curated: Zone;
  readonly eventBus: EventBus;
  readonly accessLogs: IBucket;
  readonly topic: ITopic;
}

/**
 * Features offline and online by one definition: the zone of joins, the online table, and the workflows that join and
 * materialise. What hears of new versions is free; so is the table, until it is used.
 */
export class FeatureStore extends Construct {
  readonly zone: Zone;
  readonly online: StateTable;
  readonly materialise: AslStateMachine;
  readonly join: AslStateMachine;
  private readonly materialiseTasks: PlatformFunction;

  constructor(scope: Construct, id: string, props: FeatureStoreProps) {
    super(scope, id);
    const { accessLogs, eventBus, topic } = props;
    // All of it can be made again from definition and dataset version; the result of a join is the caller's to keep.
    this.zone = new Zone(this, 'Zone', { zone: 'features', accessLogs, expireDays: 90 });
    this.online = new StateTable(this, 'Online', { table: 'features' });
    this.materialiseTasks = this.materialiseFunction(props);
    this.materialise = new AslStateMachine(this, 'MaterialiseFeatures', {
      file: 'data/materialise-features',
      substitutions: { MaterialiseFeatures: Sub.invoke(this.materialiseTasks) },
    });
    this.join = new AslStateMachine(this, 'JoinFeatures', {
      file: 'data/join-features',
      substitutions: { JoinFeatures: Sub.invoke(this.joinFunction(props)) },
    });
    new FeatureNews(this, 'News', { machine: this.materialise, eventBus });
    new PlatformAlarm(this, 'Stale', {
      name: 'data/features-stale',
      severity: 'ticket',
      description: 'online features are behind their definition or dataset, and nothing has brought them up to it',
      metric: {
        namespace: metricNamespace(PlatformStack.of(this).stage.name),
        name: STALE_HOURS,
        statistic: 'Maximum',
      },
      // A version is taken up within minutes of its event; the daily look finds what was not.
      threshold: 2,
      topic,
    });
  }

  /** The keys of `FeatureApiEnv` that are not of datasets too. */
  get variables() {
    return {
      FEATURES_TABLE: this.online.name,
      FEATURES_BUCKET: this.zone.name,
      CHECK_FEATURES_FUNCTION: this.materialiseTasks.name,
      JOIN_FEATURES_ARN: this.join.arn,
    };
  }

  /** What the API does here itself; what a presigned URL may do is what its signer may do. */
  allowApi(api: PlatformFunction): void {
    this.online.allowRead(api);
    allow(api, ['lambda:InvokeFunction'], this.materialiseTasks.arn);
    allow(api, ['states:StartExecution'], this.join.arn);
    allow(api, ['states:DescribeExecution'], this.join.executions);
    this.zone.allowWrite(api, '*/*/spines/*');
    allow(api, ['s3:GetObject'], `${this.zone.arn}/*/*/joins/*`);
  }

  private materialiseFunction({ catalogue, curated }: FeatureStoreProps): PlatformFunction {
    const { stage } = PlatformStack.of(this);
    const tasks = new PlatformFunction(this, 'MaterialiseTasks', {
      handler: 'data/materialise-features',
      env: MaterialiseFeaturesEnv,
      variables: {
        STAGE: stage.name,
        CATALOGUE_TABLE: catalogue.name,
        FEATURES_TABLE: this.online.name,
        CURATED_BUCKET: curated.name,
        FEATURES_BUCKET: this.zone.name,
      },
      ...WHOLE_DATASET,
    });
    roomForDataset(tasks);
    allow(tasks, [...TABLE_READ, 'dynamodb:PutItem'], catalogue.resource.tableArn);
    this.online.allowWrite(tasks);
    // What is served is of all rows: who is asked about today must be answered by yesterday's, whichever split that is in.
    curated.allowRead(tasks);
    this.zone.allowRead(tasks, '*/*/materialisations/*');
    this.zone.allowWrite(tasks, '*/*/materialisations/*');
    // PutMetricData takes no resource (service authorization reference, CloudWatch): the namespace is what narrows it.
    tasks.role.addToPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEqualsIfExists: { 'cloudwatch:namespace': metricNamespace(stage.name) } },
      }),
    );
    return tasks;
  }

  /** Its role cannot read a row of the test split, whatever its code would ask for. */
  private joinFunction({ catalogue, curated }: FeatureStoreProps): PlatformFunction {
    const join = new PlatformFunction(this, 'JoinTasks', {
      handler: 'data/join-features',
      env: JoinFeaturesEnv,
      variables: {
        CATALOGUE_TABLE: catalogue.name,
        CURATED_BUCKET: curated.name,
        FEATURES_BUCKET: this.zone.name,
      },
      ...WHOLE_DATASET,
    });
    roomForDataset(join);
    catalogue.allowRead(join);
    // With the workspace and the dataset before them, so that a dataset called `train` opens nothing.
    curated.allowRead(join, '*/*/train/*');
    allow(join, ['s3:GetObject'], `${curated.arn}/*/*/manifests/*`);
    this.zone.allowRead(join, '*/*/spines/*');
    this.zone.allowWrite(join, '*/*/joins/*');
    return join;
  }
}

/** One whole vCPU; DuckDB takes 768 MiB of it, file buffers the rest. */
const WHOLE_DATASET = {
  native: ['duckdb'],
  memory: Size.mebibytes(1769),
  timeout: Duration.minutes(10),
} as const;

/** The dataset's files, and what DuckDB puts aside (lambdas/data/file-size.ts). */
function roomForDataset(fn: PlatformFunction): void {
  (fn.resource.node.defaultChild as CfnFunction).ephemeralStorage = { size: Size.gibibytes(10).toMebibytes() };
}
