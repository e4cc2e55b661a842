import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';
import type { StreamBatch } from '../collect-records.ts';

/** A delivery of an event source mapping: records of one shard, in order, which succeed or fail together. */
export function kinesisBatch({ Records }: KinesisStreamEvent): BatchRecord<StreamBatch>[] {
  const [first] = Records;
  if (!first) return [];
  const shard = shardOf(first);
  const message: StreamBatch = {
    stream: first.eventSourceARN,
    shard,
    records: Records.map(({ kinesis }) => ({
      sequence: kinesis.sequenceNumber,
      bytes: Buffer.from(kinesis.data, 'base64'),
    })),
    arrivedAt: new Date(first.kinesis.approximateArrivalTimestamp * 1000),
  };
  return [{ id: `${shard}:${first.kinesis.sequenceNumber}+${Records.length}`, message }];
}

/** `eventID` is `<shard id>:<sequence number>`. */
const shardOf = ({ eventID }: KinesisStreamRecord): string => eventID.slice(0, eventID.indexOf(':'));
