import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { LineageErrors } from '../errors.ts';
import type { Publish } from '../ports.ts';

/** EventBridge behind the publish port; `id` and `workspace` stand in every detail. */
export function eventBridgePublisher(bus: string, client = new EventBridgeClient({})): Publish {
  return async ({ id, workspace, domain, type, detail }) => {
    const entry = {
      EventBusName: bus,
      Source: `millrace.${domain}`,
      DetailType: type,
      Detail: JSON.stringify({ ...detail, id, workspace }),
    };
    const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    if (FailedEntryCount) throw LineageErrors.EventRefused(`event ${id}: the bus answered ${Entries?.[0]?.ErrorCode}`);
  };
}
