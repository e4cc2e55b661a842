import { type App, Duration, Lazy, Size } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import {
  CURATED_PARTS,
  DataApiEnv,
  FeatureApiEnv,
  IngestEnv,
  RESULT_DAYS,
  RESULTS_PREFIX,
} from '../../lambdas/data/contract.ts';
import type { LineageStack } from '../lineage/lineage-stack.ts';
import { allow, TABLE_READ } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { Sub } from '../shared/substitution.ts';
import { Zone } from '../shared/zone.ts';
import { ArrivalRule } from './arrival-rule.ts';
import { AwsJobs } from './aws-jobs.ts';
import { DatasetKeys } from './dataset-keys.ts';
import { DatasetStreams } from './dataset-streams.ts';
import { DatasetWatch } from './dataset-watch.ts';
import { FeatureStore } from './feature-store.ts';
import { IngestionWatch } from './ingestion-watch.ts';
import { LabelViews } from './label-views.ts';
import { RecordBuffer } from './record-buffer.ts';
import { SqlPublication } from './sql-publication.ts';
import { SqlWorkgroup, workgroupName } from './sql-workgroup.ts';
import { VersionDeletion } from './version-deletion.ts';
import { VersionVerification } from './version-verification.ts';

export interface DataStackProps {
  readonly lineage: LineageStack;
}

/** The zones, the API of datasets, SQL over them, and the workflow that takes what arrives in the raw zone into its dataset. */
export class DataStack extends PlatformStack {
  readonly raw: Zone;
  readonly curated: Zone;
  readonly artifacts: Zone;
  readonly bundles: Zone;
  readonly datasetKeys: DatasetKeys;
  readonly features: FeatureStore;
  readonly api: PlatformFunction;
  readonly ingest: AslStateMachine;
  private readonly lineage: LineageStack;

  constructor(app: App, stage: Stage, { lineage }: DataStackProps) {
    super(app, 'data', stage);
    this.lineage = lineage;
    const accessLogs = lineage.accessLogs.resource;
    this.raw = new Zone(this, 'Raw', { zone: 'raw', accessLogs, events: true });
    // Parts of large files, which no version names: a week is time to find out why one was not finished.
    this.curated = new Zone(this, 'Curated', { zone: 'curated', accessLogs, expirePrefixes: { '_staging/': 7 } });
    this.artifacts = new Zone(this, 'Artifacts', {
      zone: 'artifacts',
      accessLogs,
      expirePrefixes: { [RESULTS_PREFIX]: RESULT_DAYS },
    });
    this.bundles = new Zone(this, 'Bundles', { zone: 'bundles', accessLogs });

    this.datasetKeys = new DatasetKeys(this, 'DatasetKeys');
    const { catalogue, eventBus } = lineage;
    const topic = lineage.alarmTopic.resource;
    const records = new RecordBuffer(this, 'Records', { catalogue, raw: this.raw, topic });
    new DatasetStreams(this, 'Streams', { streams: stage.streams, raw: this.raw, topic });
    const feature = { catalogue, curated: this.curated, eventBus, accessLogs, topic };
    this.features = new FeatureStore(this, 'Features', feature);

    const verification = new VersionVerification(this, 'Verification', { catalogue, curated: this.curated });
    const labels = new LabelViews(this, 'Labels', { catalogue, curated: this.curated });
    this.api = new PlatformFunction(this, 'Api', {
      handler: 'data/api',
      env: DataApiEnv.extend(FeatureApiEnv.shape),
      variables: {
        ...this.variables,
        ...records.variables,
        ...this.features.variables,
        STAGE: stage.name,
        SQL_WORKGROUP: workgroupName(stage.name),
        SQL_READER_ROLE: Lazy.string({ produce: () => sql.reader.roleArn }),
        RESULTS_BUCKET: this.artifacts.name,
        ...verification.variables,
        ...labels.variables,
        DELETE_VERSIONS_ARN: Lazy.string({ produce: () => deletion.machine.arn }),
      },
    });
    records.allowSend(this.api);
    this.features.allowApi(this.api);
    this.allowCatalogue(this.api);
    // What a presigned URL may do is what its signer may do.
    this.raw.allowWrite(this.api);
    // Everything but the rows that are held out: no URL that it signs opens one of those.
    const { train, manifests, profiles, quality, objects } = CURATED_PARTS;
    for (const part of [train, manifests, profiles, quality, objects]) this.curated.allowRead(this.api, part);
    // Objects of collections, whose signed URLs take the bytes of their digest alone.
    this.curated.allowWrite(this.api, objects);
    const deletion = new VersionDeletion(this, 'Deletion', { catalogue, curated: this.curated, topic });
    deletion.allowStart(this.api);
    verification.allowApi(this.api);
    labels.allowApi(this.api);

    this.ingest = new AslStateMachine(this, 'IngestDataset', {
      file: 'data/ingest-dataset',
      substitutions: { IngestFunction: Sub.invoke(this.ingestFunction()) },
    });
    this.alarmOnFailures();
    const { curated, api } = this;
    new ArrivalRule(this, 'Arrivals', { zone: this.raw, machine: this.ingest, topic });
    new DatasetWatch(this, 'Watch', { catalogue, topic, alarms: stage.datasetAlarms });
    new IngestionWatch(this, 'Ingestions', { catalogue, eventBus, topic });
    new SqlPublication(this, 'Sql', { catalogue, curated, eventBus, topic });
    // 100 GB is half a dollar, and more than an ingestion of these sizes makes.
    const mostScanned = Size.gibibytes(100);
    const sql = new SqlWorkgroup(this, 'Workgroup', { api, curated, results: this.artifacts, mostScanned });
    new AwsJobs(this, 'AwsJobs', { raw: this.raw, curated, catalogue: catalogue.resource });
  }

  private get variables() {
    return {
      CATALOGUE_TABLE: this.lineage.catalogue.name,
      RAW_BUCKET: this.raw.name,
      CURATED_BUCKET: this.curated.name,
    };
  }

  private ingestFunction(): PlatformFunction {
    const ingest = new PlatformFunction(this, 'Ingest', {
      handler: 'data/ingest',
      env: IngestEnv,
      variables: {
        ...this.variables,
        DATASET_KEYS: this.datasetKeys.keyArn,
        PART_BYTES: String(this.stage.ingestPartMiB * 1024 ** 2),
      },
      native: ['duckdb'],
      // One whole vCPU; DuckDB takes 256 MB, file and column buffers the rest.
      memory: Size.mebibytes(1769),
      timeout: Duration.minutes(15),
    });
    // The file, what DuckDB puts aside, and the dataset so far (lambdas/data/file-size.ts).
    (ingest.resource.node.defaultChild as CfnFunction).ephemeralStorage = { size: Size.gibibytes(10).toMebibytes() };
    this.datasetKeys.allowUse(ingest);
    this.allowCatalogue(ingest);
    this.raw.allowRead(ingest);
    allow(ingest, ['s3:GetObjectVersion'], `${this.raw.arn}/*`);
    this.curated.allowRead(ingest);
    this.curated.allowWrite(ingest);
    return ingest;
  }

  /** Nothing is ever taken back: no delete, and conditions stand on the writes themselves. */
  private allowCatalogue(fn: PlatformFunction): void {
    allow(fn, [...TABLE_READ, 'dynamodb:PutItem'], this.lineage.catalogue.resource.tableArn);
  }

  private alarmOnFailures(): void {
    new PlatformAlarm(this, 'IngestionFailed', {
      name: 'data/ingestion-failed',
      severity: 'ticket',
      description: 'an ingestion ended in a failure of ours; the file is in the raw zone and not in its dataset',
      metric: {
        namespace: 'AWS/States',
        name: 'ExecutionsFailed',
        statistic: 'Sum',
        dimensions: { StateMachineArn: this.ingest.arn },
      },
      threshold: 1,
      topic: this.lineage.alarmTopic.resource,
    });
  }
}
