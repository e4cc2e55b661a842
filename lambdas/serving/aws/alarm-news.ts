import type { SNSEvent } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';
import type { AlarmNews } from '../return-endpoint.ts';

/** The alarms among what a topic says; a message that is none is passed over. */
export function alarmNews({ Records }: SNSEvent): BatchRecord<AlarmNews>[] {
  return Records.flatMap(({ Sns: { MessageId, Message } }) => {
    try {
      const { AlarmName, NewStateValue, StateChangeTime } = JSON.parse(Message) as Record<string, string | undefined>;
      if (!AlarmName || !NewStateValue) return [];
      return [{ id: MessageId, message: { alarm: AlarmName, state: NewStateValue, at: StateChangeTime } }];
    } catch {
      return [];
    }
  });
}
