import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AdoptCandidatesEnv, CANDIDATE_NEWS } from '../../lambdas/training/contract.ts';
import type { AslStateMachine } from '../shared/asl-state-machine.ts';
import { EventConsumer } from '../shared/event-consumer.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import type { StateTable } from '../shared/state-table.ts';
import type { Zone } from '../shared/zone.ts';

export interface CandidateConsumerProps {
  readonly catalogue: StateTable;
  readonly artifacts: Zone;
  readonly eventBus: EventBus;
  readonly train: AslStateMachine;
  readonly topic: ITopic;
}

/** Hears of versions made with a client, and has those judged that a spec covers. */
export class CandidateConsumer extends Construct {
  readonly adopt: PlatformFunction;

  constructor(scope: Construct, id: string, props: CandidateConsumerProps) {
    super(scope, id);
    const { catalogue, artifacts, eventBus, train, topic } = props;
    this.adopt = new PlatformFunction(this, 'AdoptCandidates', {
      handler: 'training/adopt-candidates',
      env: AdoptCandidatesEnv,
      variables: { CATALOGUE_TABLE: catalogue.name, ARTIFACTS_BUCKET: artifacts.name, TRAIN_MODEL_ARN: train.arn },
    });
    artifacts.allowRead(this.adopt, '*/mlflow/*');
    new EventConsumer(this, 'News', {
      consumer: this.adopt,
      eventBus,
      name: 'adopt-candidates',
      description: 'Judges versions that were made with an MLflow client',
      source: CANDIDATE_NEWS.sources,
      detailTypes: CANDIDATE_NEWS.detailTypes,
      deadLetters: 'unadopted-candidates',
      topic,
    });
  }
}
