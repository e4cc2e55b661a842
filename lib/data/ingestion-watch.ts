import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  CheckDatasetsEnv,
  DATA_METRICS,
  DATASET_VERSION_REGISTERED,
  dataMetricNamespace,
  INGESTION_REFUSED,
} from '../../lambdas/data/contract.ts';
import { EventConsumer } from '../shared/event-consumer.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';
import { allowFigures } from './dataset-watch.ts';

export interface IngestionWatchProps {
  readonly catalogue: StateTable;
  readonly eventBus: EventBus;
  readonly topic: ITopic;
}

/** Hears what became of files, and says when their shape or their volume is not what it was. */
export class IngestionWatch extends Construct {
  constructor(scope: Construct, id: string, { catalogue, eventBus, topic }: IngestionWatchProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    const namespace = dataMetricNamespace(stage.name);
    const consumer = new PlatformFunction(this, 'Hear', {
      handler: 'data/watch-ingestions',
      env: CheckDatasetsEnv,
      variables: { STAGE: stage.name, CATALOGUE_TABLE: catalogue.name },
    });
    catalogue.allowRead(consumer);
    allowFigures(consumer, namespace);
    new EventConsumer(this, 'Ingestions', {
      consumer,
      eventBus,
      name: 'watch-ingestions',
      description: 'Looks at shape and volume of what was taken in or refused',
      source: 'millrace.data',
      detailTypes: [DATASET_VERSION_REGISTERED, INGESTION_REFUSED],
      deadLetters: 'unwatched-ingestions',
      topic,
    });
    for (const [part, name, metric, description] of [
      [
        'Refusing',
        'data/schema-changed',
        DATA_METRICS.refusing,
        'a file was refused for its header or the type of a column',
      ],
      [
        'Volume',
        'data/volume-unusual',
        DATA_METRICS.unusualVolume,
        'a dataset version has far more or fewer rows than the one before',
      ],
    ] as const)
      new PlatformAlarm(this, part, {
        name,
        severity: 'ticket',
        description,
        metric: { namespace, name: metric, statistic: 'Maximum' },
        threshold: 1,
        topic,
      });
  }
}
