import { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DeadLetters } from '../shared/dead-letters.ts';
import type { Stage } from '../shared/stage.ts';
import type { Zone } from '../shared/zone.ts';
import { DatasetStream } from './dataset-stream.ts';

export interface DatasetStreamsProps {
  readonly streams: Stage['streams'];
  readonly raw: Zone;
  readonly topic: ITopic;
}

/** The streams of a stage, with one queue for what none of them could hand over. Without streams there is nothing. */
export class DatasetStreams extends Construct {
  constructor(scope: Construct, id: string, { streams, raw, topic }: DatasetStreamsProps) {
    super(scope, id);
    const named = Object.entries(streams);
    if (named.length === 0) return;
    const deadLetters = new DeadLetters(this, 'Uncollected', { name: 'uncollected-records', topic });
    for (const [name, { workspace, dataset, arn, batchRecords, batchSeconds }] of named) {
      const batchWindow = Duration.seconds(batchSeconds);
      new DatasetStream(this, name, {
        name,
        workspace,
        dataset,
        arn,
        batchRecords,
        batchWindow,
        raw,
        deadLetters,
        topic,
      });
    }
  }
}
