import type { DynamoDBStreamEvent } from 'aws-lambda';
import { consumer } from '../../shared/consumer.ts';
import { eventBridgePublisher } from '../aws/event-bridge-publisher.ts';
import { outboxRecords } from '../aws/outbox-records.ts';
import { PublishEventsEnv } from '../contract.ts';
import type { PlatformEvent } from '../outbox.ts';
import type { Publish } from '../ports.ts';

export const publishEvents = consumer<
  DynamoDBStreamEvent,
  PlatformEvent,
  typeof PublishEventsEnv,
  { publish: Publish }
>({
  env: PublishEventsEnv,
  wire: (env) => ({ publish: eventBridgePublisher(env.EVENT_BUS) }),
  records: outboxRecords,
  run: ({ publish }, event) => publish(event),
  failures: 'partial',
});
export const handler = publishEvents.lambda();
