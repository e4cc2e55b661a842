import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { CfnRule, type EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CURATED_PARTS, DATASET_VERSION_REGISTERED, PublishTablesEnv } from '../../lambdas/data/contract.ts';
import { allow } from '../shared/allow.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
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
    this.hear(eventBus, topic);
  }

  private hear(eventBus: EventBus, topic: ITopic): void {
    const { stage } = PlatformStack.of(this);
    const { queue } = new DeadLetters(this, 'Unpublished', { name: 'unpublished-tables', topic });
    allow(this.publish, ['sqs:SendMessage'], queue.queueArn);
    const rule = new CfnRule(this, 'Rule', {
      name: `millrace-${stage.name}-publish-tables`,
      description: 'Shows registered dataset versions to SQL',
      eventBusName: eventBus.eventBusName,
      eventPattern: { source: ['millrace.data'], 'detail-type': [DATASET_VERSION_REGISTERED] },
      targets: [
        {
          id: 'publish-tables',
          arn: this.publish.arn,
          retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: Duration.hours(12).toSeconds() },
          deadLetterConfig: { arn: queue.queueArn },
        },
      ],
    });
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
      }),
    );
    new CfnPermission(this, 'FromRule', {
      action: 'lambda:InvokeFunction',
      functionName: this.publish.arn,
      principal: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    });
    const onFailure = new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: this.publish.name,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    onFailure.node.addDependency(this.publish.role);
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
