import type { EventBridgeEvent } from 'aws-lambda';
import * as z from 'zod';
import type { BatchRecord } from '../../shared/consumer.ts';
import { describeIssues, SharedErrors } from '../../shared/errors.ts';
import type { IngestionNews } from '../watch-ingestion.ts';

const News = z.union([
  z.object({ workspace: z.string(), dataset: z.string(), version: z.string() }),
  z.object({ workspace: z.string(), dataset: z.string(), error: z.string() }),
]);

/** The one ingestion that an EventBridge event is about. @throws InvalidInput when its detail is none */
export function ingestionRecords({ id, detail }: EventBridgeEvent<string, unknown>): BatchRecord<IngestionNews>[] {
  const parsed = News.safeParse(detail);
  if (!parsed.success) throw SharedErrors.InvalidInput(`event ${id}: ${describeIssues(parsed.error, detail)}`);
  return [{ id, message: parsed.data }];
}
