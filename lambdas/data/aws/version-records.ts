import type { EventBridgeEvent } from 'aws-lambda';
import type { BatchRecord } from '../../shared/consumer.ts';
import { describeIssues, SharedErrors } from '../../shared/errors.ts';
import { DatasetVersionRegistered } from '../contract.ts';
import type { RegisteredVersion } from '../publish-tables.ts';

/** The one registered version in an EventBridge event. @throws InvalidInput when its detail is none */
export function versionRecords({ id, detail }: EventBridgeEvent<string, unknown>): BatchRecord<RegisteredVersion>[] {
  const parsed = DatasetVersionRegistered.safeParse(detail);
  if (!parsed.success) throw SharedErrors.InvalidInput(`event ${id}: ${describeIssues(parsed.error, detail)}`);
  return [{ id, message: parsed.data }];
}
