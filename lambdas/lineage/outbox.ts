import type { Item, Value, Write } from '../shared/table.ts';

/** A fact that others hear of: EventBridge source `millrace.<domain>`, detail-type = `type`. */
export interface PlatformEvent {
  /** Derived from the fact, so that the same fact is the same event however often it is written. */
  id: string;
  workspace: string;
  domain: string;
  /** Past tense: `ModelVersionRegistered`. */
  type: string;
  detail: Record<string, Value>;
}

/** Days an event stays in the outbox for those who look for it there; the stream has it at once. */
const KEPT_SECONDS = 14 * 24 * 3600;

/** The event's row in the transaction of its fact; the table's stream publishes it, at least once. */
export function outboxWrite(event: PlatformEvent, now: Date = new Date()): Write {
  return {
    put: {
      pk: `${event.workspace}#outbox#${event.id}`,
      sk: 'event',
      event: event as unknown as Value,
      expiresAt: Math.floor(now.getTime() / 1000) + KEPT_SECONDS,
    },
  };
}

/** The event in a row that a stream shows, or undefined when the row is something else. */
export function eventOf(item: Item | undefined): PlatformEvent | undefined {
  return item?.sk === 'event' && item.pk.includes('#outbox#') ? (item['event'] as unknown as PlatformEvent) : undefined;
}
