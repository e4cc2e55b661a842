import type { EventBridgeEvent } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';
import type { RolloutNews } from '../hear-news.ts';

/** The one event of an invocation by a rule, as news for endpoints. */
export function rolloutNews(event: EventBridgeEvent<string, Record<string, unknown>>): BatchRecord<RolloutNews>[] {
  return [{ id: event.id, message: { type: event['detail-type'], detail: event.detail } }];
}
