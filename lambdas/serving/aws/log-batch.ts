import { gunzipSync } from 'node:zlib';
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';
import { digestOf, hexOf } from '../../shared/digest.ts';
import type { LogBatch } from '../collect-windows.ts';

/** A delivery of a log subscription: its lines, and an id that the same delivery always has. */
export function logBatch({ awslogs }: CloudWatchLogsEvent): BatchRecord<LogBatch>[] {
  const bytes = gunzipSync(Buffer.from(awslogs.data, 'base64'));
  const { messageType, logEvents } = JSON.parse(bytes.toString('utf8')) as CloudWatchLogsDecodedData;
  // A control message only asks whether the destination is there.
  if (messageType === 'CONTROL_MESSAGE') return [];
  // Of the content, not of the compressed form: event ids and times make two deliveries two.
  const id = hexOf(digestOf(bytes));
  return [{ id, message: { id, lines: logEvents.map(({ message }) => message) } }];
}
