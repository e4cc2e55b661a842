import type { KinesisStreamEvent } from 'aws-lambda';

const STREAM_ARN = 'arn:aws:kinesis:us-east-1:123456789012:stream/readings';
const SHARD = 'shardId-000000000006';

/** A delivery as the Lambda developer guide shows it ("Using Lambda with Kinesis"): records from `from` on, of one shard. */
export function aKinesisEvent(records: readonly (string | Uint8Array)[], from = 1, shard = SHARD): KinesisStreamEvent {
  return {
    Records: records.map((data, i) => {
      const sequenceNumber = `4959033827149025660855969253836157109592157598913658${String(from + i).padStart(4, '0')}`;
      return {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: '1',
          sequenceNumber,
          data: Buffer.from(data as string).toString('base64'),
          approximateArrivalTimestamp: 1545084650.987 + i,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `${shard}:${sequenceNumber}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
        awsRegion: 'us-east-1',
        eventSourceARN: STREAM_ARN,
      };
    }),
  };
}
