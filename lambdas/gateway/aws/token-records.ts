import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';
import { type EdgeEntry, edgeEntry, type TokenItem } from '../edge-record.ts';

/** What the edge is to know after each change of a stream batch; of a deleted item only its key is left. */
export function tokenRecords({ Records }: DynamoDBStreamEvent): BatchRecord<EdgeEntry>[] {
  return Records.flatMap(({ dynamodb }) => {
    const image = dynamodb?.NewImage ?? dynamodb?.Keys;
    const entry = image && edgeEntry(unmarshall(image as Record<string, AttributeValue>) as TokenItem);
    return entry ? [{ id: dynamodb?.SequenceNumber ?? entry.key, message: entry }] : [];
  });
}
