import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { DataJobsEnv } from '../../lambdas/data/contract.ts';
import { allow, TABLE_READ } from '../shared/allow.ts';
import { awsOnly } from '../shared/platform.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Zone } from '../shared/zone.ts';
import { LabellingJobs } from './labelling-jobs.ts';
import { SparkRefinery } from './spark-refinery.ts';

export interface AwsJobsProps {
  readonly raw: Zone;
  readonly curated: Zone;
  readonly catalogue: ITable;
}

/** Work on data for which a stage asks and which only AWS has: Spark, and people who label. Nothing where it asks for none. */
export class AwsJobs extends Construct {
  constructor(scope: Construct, id: string, { raw, curated, catalogue }: AwsJobsProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const { spark, groundTruth } = stack.stage;
    if (!spark && !groundTruth) return;
    awsOnly(this);
    const functions = stack.formatArn({
      service: 'lambda',
      account: groundTruth?.functionsAccount ?? '',
      resource: 'function',
    });
    const prefix = functions.replace(/\/$/, '');
    const labelling = groundTruth && new LabellingJobs(this, 'Labelling', { raw, curated, functions: prefix });
    const jobs = new PlatformFunction(this, 'Jobs', {
      handler: 'data/jobs',
      env: DataJobsEnv,
      variables: {
        CATALOGUE_TABLE: catalogue.tableName,
        RAW_BUCKET: raw.name,
        CURATED_BUCKET: curated.name,
        WORKTEAM_ARN: groundTruth?.workteamArn ?? '',
        LABELLING_ROLE_ARN: labelling?.role.roleArn ?? '',
        LABELLING_FUNCTIONS: groundTruth ? prefix : '',
        LABELLERS_PER_ITEM: String(groundTruth?.labellersPerItem ?? 1),
      },
      timeout: Duration.minutes(2),
    });
    allow(jobs, [...TABLE_READ], catalogue.tableArn);
    for (const [wanted, part] of [
      [spark, 'spark'],
      [groundTruth, 'labelling'],
    ] as const)
      if (wanted) {
        curated.allowRead(jobs, `*/${part}/*`);
        curated.allowWrite(jobs, `*/${part}/*`);
      }
    if (labelling) {
      // The labels arrive like any other file.
      raw.allowWrite(jobs, '*.jsonl');
      labelling.workflow(jobs);
    }
    if (spark)
      new SparkRefinery(this, 'Spark', {
        raw,
        curated,
        jobs,
        maxVcpu: spark.maxVcpu,
        idle: Duration.minutes(spark.idleMinutes),
      });
  }
}
