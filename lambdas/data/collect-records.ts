import { derivedId } from '../shared/ids.ts';
import type { Logger } from '../shared/logger.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { RECORDS_FILE, rawKey } from './raw-key.ts';
import type { Place } from './record-buffer.ts';
import { type StreamRecord, streamLine } from './stream-line.ts';

/** Some records of one shard that follow each other, as a stream delivers them. */
export interface StreamBatch {
  /** ARN. */
  stream: string;
  shard: string;
  /** At least one. */
  records: readonly StreamRecord[];
  /** When the stream got the first of them. */
  arrivedAt: Date;
}

export interface CollectDeps extends Place {
  raw: ObjectStore;
  logger: Logger;
}

/**
 * Writes a delivery as one raw object: all of it or nothing. The object's name is where in the stream the delivery
 * begins and ends, so the same delivery again is the same object. Cut otherwise, after a failure, its records may stand
 * in two objects, and the ingestion knows them by their identity.
 */
export async function collectRecords(
  { raw, logger, workspace, dataset }: CollectDeps,
  batch: StreamBatch,
): Promise<void> {
  const { stream, shard, records, arrivedAt } = batch;
  const lines = records.map((record) => streamLine(record, shard));
  const [first, last] = [records[0], records.at(-1)] as [StreamRecord, StreamRecord];
  // The form of an upload id, which derived ids have once they are as short.
  const uploadId = derivedId(stream, shard, first.sequence, last.sequence).slice(0, 26);
  const key = rawKey({ workspace, dataset, uploadId, fileName: RECORDS_FILE }, arrivedAt);
  const text = lines.map(({ line }) => `${line}\n`).join('');
  const outcome = await raw.create(key, text, 'application/x-ndjson');
  const poison = lines.filter((each) => each.poison).length;
  logger.info('collected', { key, shard, records: lines.length, poison, outcome });
}
