import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CURATED_PARTS, DATASET_VERSION_REGISTERED, PublishTablesEnv } from '../../lambdas/data/contract.ts';
import { allow } from '../shared/allow.ts';
import { EventConsumer } from '../shared/event-consumer.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';
import type { Zone } from '../shared/zone.ts';

export interface SqlPublicationProps {
  readonly catalogue: StateTable;
  readonly curated: Zone;
  readonly eventBus: EventBus;
  readonly topic: ITopic;
}

/** Hears of each registered version and shows it to SQL. No ingestion waits for it, or fails with it. */
export class SqlPublication extends Construct {
  readonly publish: PlatformFunction;

  constructor(scope: Construct, id: string, { catalogue, curated, eventBus, topic }: SqlPublicationProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    this.publish = new PlatformFunction(this, 'Publish', {
      handler: 'data/publish-tables',
      env: PublishTablesEnv,
      variables: { STAGE: stage.name, CATALOGUE_TABLE: catalogue.name, CURATED_BUCKET: curated.name },
      timeout: Duration.minutes(2),
    });
    catalogue.allowRead(this.publish);
    curated.allowRead(this.publish, CURATED_PARTS.manifests);
    curated.allowWrite(this.publish, CURATED_PARTS.links);
    const databases = `millrace_${stage.name.replaceAll('-', '_')}__*`;
    allow(
      this.publish,
      ['glue:CreateDatabase', 'glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'],
      glueArn(this, 'catalog'),
      glueArn(this, 'database', databases),
      glueArn(this, 'table', `${databases}/*`),
    );
    new EventConsumer(this, 'Registered', {
      consumer: this.publish,
      eventBus,
      name: 'publish-tables',
      description: 'Shows registered dataset versions to SQL',
      source: 'millrace.data',
      detailTypes: [DATASET_VERSION_REGISTERED],
      deadLetters: 'unpublished-tables',
      topic,
    });
  }
}

/** A thing of the account's data catalogue. */
export const glueArn = (scope: Construct, resource: string, resourceName?: string): string =>
  Stack.of(scope).formatArn({
    service: 'glue',
    resource,
    resourceName,
    arnFormat: resourceName === undefined ? ArnFormat.NO_RESOURCE_NAME : ArnFormat.SLASH_RESOURCE_NAME,
  });
