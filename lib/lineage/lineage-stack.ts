import { type App, Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { LineageApiEnv, PublishEventsEnv } from '../../lambdas/lineage/contract.ts';
import { AlarmTopic } from '../shared/alarm-topic.ts';
import { allow } from '../shared/allow.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { StateTable } from '../shared/state-table.ts';
import { Zone } from '../shared/zone.ts';

/** The catalogue table with its outbox, the stage's event bus and alarm topic, and the bucket for access logs. */
export class LineageStack extends PlatformStack {
  readonly catalogue: StateTable;
  readonly eventBus: EventBus;
  readonly alarmTopic: AlarmTopic;
  readonly accessLogs: Zone;
  readonly api: PlatformFunction;

  constructor(app: App, stage: Stage) {
    super(app, 'lineage', stage);
    this.catalogue = new StateTable(this, 'Catalogue', { table: 'catalogue', stream: true });
    this.eventBus = new EventBus(this, 'EventBus', { eventBusName: `millrace-${stage.name}` });
    this.alarmTopic = new AlarmTopic(this, 'Alarms');
    this.accessLogs = new Zone(this, 'AccessLogs', { zone: 'access-logs', expireDays: 365 });
    this.acceptAccessLogs();

    this.api = new PlatformFunction(this, 'Api', {
      handler: 'lineage/api',
      env: LineageApiEnv,
      variables: { CATALOGUE_TABLE: this.catalogue.name },
    });
    this.catalogue.allowRead(this.api);
    this.publishOutbox();
  }

  /** S3 delivers access logs as a service; with ACLs off it needs to be let in by the bucket's policy. */
  private acceptAccessLogs(): void {
    const { resource } = this.accessLogs;
    resource.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [resource.arnForObjects('*')],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
  }

  private publishOutbox(): void {
    const publish = new PlatformFunction(this, 'PublishEvents', {
      handler: 'lineage/publish-events',
      env: PublishEventsEnv,
      variables: { EVENT_BUS: this.eventBus.eventBusName },
    });
    const stream = this.catalogue.resource.tableStreamArn as string;
    const deadLetters = new DeadLetters(this, 'UnpublishedEvents', {
      name: 'unpublished-events',
      topic: this.alarmTopic.resource,
    });
    allow(publish, ['events:PutEvents'], this.eventBus.eventBusArn);
    allow(publish, ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], stream);
    // ListStreams takes no resource (service authorization reference, DynamoDB).
    allow(publish, ['dynamodb:ListStreams'], '*');
    allow(publish, ['sqs:SendMessage'], deadLetters.queue.queueArn);
    const mapping = new CfnEventSourceMapping(this, 'OutboxMapping', {
      functionName: publish.name,
      eventSourceArn: stream,
      startingPosition: 'TRIM_HORIZON',
      batchSize: 25,
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ['ReportBatchItemFailures'],
      maximumRetryAttempts: 10,
      maximumRecordAgeInSeconds: Duration.hours(12).toSeconds(),
      destinationConfig: { onFailure: { destination: deadLetters.queue.queueArn } },
    });
    mapping.node.addDependency(publish.role);
  }
}
