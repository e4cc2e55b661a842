import { Duration } from 'aws-cdk-lib';
import { CfnStream } from 'aws-cdk-lib/aws-kinesis';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CollectRecordsEnv } from '../../lambdas/data/contract.ts';
import { allow } from '../shared/allow.ts';
import type { DeadLetters } from '../shared/dead-letters.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Zone } from '../shared/zone.ts';

export interface DatasetStreamProps {
  /** Part of the stream's and the function's name. */
  readonly name: string;
  readonly workspace: string;
  /** Gets the stream's records. */
  readonly dataset: string;
  /** A stream that is there. @default a stream of its own, on demand, which is billed by the hour */
  readonly arn?: string;
  /** Records that make an object at the latest. */
  readonly batchRecords: number;
  /** How long records may wait for others. */
  readonly batchWindow: Duration;
  readonly raw: Zone;
  readonly deadLetters: DeadLetters;
  readonly topic: ITopic;
}

/** Takes a Kinesis stream's records into a dataset: each delivery is one raw object. */
export class DatasetStream extends Construct {
  readonly collect: PlatformFunction;

  constructor(scope: Construct, id: string, props: DatasetStreamProps) {
    super(scope, id);
    const { name, workspace, dataset, raw, deadLetters } = props;
    const { stage } = PlatformStack.of(this);
    const arn = props.arn ?? this.ownStream(name).attrArn;
    this.collect = new PlatformFunction(this, 'Collect', {
      handler: 'data/collect-records',
      functionName: `millrace-${stage.name}-data-collect-${name}`,
      env: CollectRecordsEnv,
      variables: { RAW_BUCKET: raw.name, WORKSPACE: workspace, DATASET: dataset },
      timeout: Duration.minutes(1),
    });
    raw.allowWrite(this.collect, `${workspace}/${dataset}/*/records.jsonl`);
    allow(this.collect, READ_STREAM, arn);
    allow(this.collect, ['sqs:SendMessage'], deadLetters.queue.queueArn);
    const mapping = new CfnEventSourceMapping(this, 'Mapping', {
      functionName: this.collect.name,
      eventSourceArn: arn,
      startingPosition: 'TRIM_HORIZON',
      batchSize: props.batchRecords,
      maximumBatchingWindowInSeconds: props.batchWindow.toSeconds(),
      // No ReportBatchItemFailures: a delivery is one object, there or not. No content makes it fail, so what does
      // passes: it is tried again without a count, and given up a day before a stream of ours loses it.
      bisectBatchOnFunctionError: true,
      maximumRecordAgeInSeconds: Duration.days(6).toSeconds(),
      destinationConfig: { onFailure: { destination: deadLetters.queue.queueArn } },
    });
    mapping.node.addDependency(this.collect.role);
    new PlatformAlarm(this, 'Behind', {
      name: `data/stream-behind/${name}`,
      severity: 'ticket',
      description: 'records of a stream wait for more than 15 minutes before they are in the raw zone',
      metric: {
        namespace: 'AWS/Lambda',
        name: 'IteratorAge',
        statistic: 'Maximum',
        dimensions: { FunctionName: this.collect.name },
      },
      threshold: Duration.minutes(15).toMilliseconds(),
      topic: props.topic,
    });
  }

  private ownStream(name: string): CfnStream {
    const stack = PlatformStack.of(this);
    const stream = new CfnStream(this, 'Resource', {
      name: `millrace-${stack.stage.name}-${name}`,
      streamModeDetails: { streamMode: 'ON_DEMAND' },
      // A week, for whoever has to find out why records were not taken; kept longer than a day they cost by the GB.
      retentionPeriodHours: Duration.days(7).toHours(),
      streamEncryption: { encryptionType: 'KMS', keyId: 'alias/aws/kinesis' },
    });
    stream.applyRemovalPolicy(stack.removal);
    return stream;
  }
}

/** What an event source mapping does as the function's role (Lambda developer guide, "Using Lambda with Kinesis"). */
const READ_STREAM = [
  'kinesis:DescribeStream',
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
];
