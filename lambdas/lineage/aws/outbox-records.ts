import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';
import type { Item } from '../../shared/table.ts';
import { eventOf, type PlatformEvent } from '../outbox.ts';

/** The events among a stream batch's new rows; expiry of old rows and all other writes are passed over. */
export function outboxRecords({ Records }: DynamoDBStreamEvent): BatchRecord<PlatformEvent>[] {
  return Records.flatMap(({ eventName, dynamodb }) => {
    if (eventName === 'REMOVE' || !dynamodb?.NewImage) return [];
    const event = eventOf(unmarshall(dynamodb.NewImage as Record<string, AttributeValue>) as Item);
    return event ? [{ id: dynamodb.SequenceNumber ?? event.id, message: event }] : [];
  });
}
