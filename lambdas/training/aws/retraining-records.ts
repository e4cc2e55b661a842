import type { EventBridgeEvent } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';
import { describeIssues, SharedErrors } from '../../shared/errors.ts';
import { RetrainingRequested } from '../contract.ts';

/** The one request in an EventBridge event. @throws InvalidInput when its detail is none */
export function retrainingRecords({
  id,
  detail,
}: EventBridgeEvent<string, unknown>): BatchRecord<RetrainingRequested>[] {
  const parsed = RetrainingRequested.safeParse(detail);
  if (!parsed.success) throw SharedErrors.InvalidInput(`event ${id}: ${describeIssues(parsed.error, detail)}`);
  return [{ id, message: parsed.data }];
}
