import * as z from 'zod';
import { MonitoringErrors } from './errors.ts';
import { driftAlarmName } from './names.ts';

/** What CloudWatch puts into an alarm's notification, as far as it is read here. */
const AlarmMessage = z.object({
  AlarmName: z.string(),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  /** `2026-11-21T04:14:14.123+0000`. */
  StateChangeTime: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'expected a time'),
  NewStateReason: z.string().default(''),
});

/** A drift alarm that changed its state. Endpoint and time together tell one change from another. */
export interface DriftAlarm {
  endpoint: string;
  state: 'alarm' | 'ok';
  /** When the alarm changed its state, by CloudWatch's clock: ISO 8601, UTC. */
  at: string;
  reason: string;
}

/**
 * The drift alarm in a message of the alarm topic; undefined when the message is anything else: another alarm, a drift
 * alarm without data, a text that somebody published.
 *
 * @throws AlarmUnreadable when a drift alarm's message has another shape than CloudWatch documents
 */
export function driftAlarmOf(message: string, stage: string): DriftAlarm | undefined {
  const value = jsonObject(message);
  const prefix = driftAlarmName(stage, '');
  const name = value?.['AlarmName'];
  if (typeof name !== 'string' || !name.startsWith(prefix)) return undefined;
  const parsed = AlarmMessage.safeParse(value);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path, message: rule }) => `${path.join('.')}: ${rule}`).join('; ');
    throw MonitoringErrors.AlarmUnreadable(`message of ${name}: ${fields}`, { cause: parsed.error });
  }
  const { NewStateValue, StateChangeTime, NewStateReason } = parsed.data;
  if (NewStateValue === 'INSUFFICIENT_DATA') return undefined;
  return {
    endpoint: name.slice(prefix.length),
    state: NewStateValue === 'ALARM' ? 'alarm' : 'ok',
    at: new Date(StateChangeTime).toISOString(),
    reason: NewStateReason,
  };
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
