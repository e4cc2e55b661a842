import { type App, Duration, Size } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { DataApiEnv, IngestEnv } from '../../lambdas/data/contract.ts';
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
import { VersionDeletion } from './version-deletion.ts';

export interface DataStackProps {
  readonly lineage: LineageStack;
}

/** The zones, the API of datasets, and the workflow that takes what arrives in the raw zone into its dataset. */
export class DataStack extends PlatformStack {
  readonly raw: Zone;
  readonly curated: Zone;
  readonly artifacts: Zone;
  readonly bundles: Zone;
  readonly api: PlatformFunction;
  readonly ingest: AslStateMachine;
  private readonly lineage: LineageStack;

  constructor(app: App, stage: Stage, { lineage }: DataStackProps) {
    super(app, 'data', stage);
    this.lineage = lineage;
    const accessLogs = lineage.accessLogs.resource;
    this.raw = new Zone(this, 'Raw', { zone: 'raw', accessLogs, events: true });
    this.curated = new Zone(this, 'Curated', { zone: 'curated', accessLogs });
    this.artifacts = new Zone(this, 'Artifacts', { zone: 'artifacts', accessLogs });
    this.bundles = new Zone(this, 'Bundles', { zone: 'bundles', accessLogs });

    const topic = lineage.alarmTopic.resource;
    const deletion = new VersionDeletion(this, 'Deletion', {
      catalogue: lineage.catalogue,
      curated: this.curated,
      topic,
    });
    this.api = new PlatformFunction(this, 'Api', {
      handler: 'data/api',
      env: DataApiEnv,
      variables: { ...this.variables, DELETE_VERSIONS_ARN: deletion.machine.arn },
    });
    allow(this.api, ['states:StartExecution'], deletion.machine.arn);
    this.allowCatalogue(this.api);
    // What a presigned URL may do is what its signer may do.
    this.raw.allowWrite(this.api);
    this.curated.allowRead(this.api);
    // Objects of collections, whose signed URLs take the bytes of their digest alone.
    this.curated.allowWrite(this.api, '*/objects/*');

    this.ingest = new AslStateMachine(this, 'IngestDataset', {
      file: 'data/ingest-dataset',
      substitutions: { IngestFunction: Sub.invoke(this.ingestFunction()) },
    });
    this.alarmOnFailures();
    new ArrivalRule(this, 'Arrivals', { zone: this.raw, machine: this.ingest, topic: lineage.alarmTopic.resource });
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
      variables: this.variables,
      native: ['duckdb'],
      // One whole vCPU; DuckDB takes 768 MiB of it, file and column buffers the rest.
      memory: Size.mebibytes(1769),
      timeout: Duration.minutes(10),
    });
    // The file, what DuckDB puts aside, and the dataset so far (lambdas/data/file-size.ts).
    (ingest.resource.node.defaultChild as CfnFunction).ephemeralStorage = { size: Size.gibibytes(4).toMebibytes() };
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
