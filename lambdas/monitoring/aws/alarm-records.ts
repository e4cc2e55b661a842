import type { SNSEvent } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';

/** The texts of a topic's messages. */
export const alarmRecords = ({ Records }: SNSEvent): BatchRecord<string>[] =>
  Records.map(({ Sns: { MessageId, Message } }) => ({ id: MessageId, message: Message }));
