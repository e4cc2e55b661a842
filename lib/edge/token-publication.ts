import { Duration } from 'aws-cdk-lib';
import { CfnKeyValueStore } from 'aws-cdk-lib/aws-cloudfront';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { PublishAllTokensEnv, PublishTokensEnv } from '../../lambdas/gateway/contract.ts';
import { allow } from '../shared/allow.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';

export interface TokenPublicationProps {
  /** With a stream of its changes. */
  readonly tokens: StateTable;
  readonly topic: ITopic;
}

const CHANGE_KEYS = [
  'cloudfront-keyvaluestore:DescribeKeyValueStore',
  'cloudfront-keyvaluestore:PutKey',
  'cloudfront-keyvaluestore:DeleteKey',
];

/** What the edge knows of tokens and logins, and what keeps it in step with their table, seconds behind. */
export class TokenPublication extends Construct {
  readonly keys: CfnKeyValueStore;

  constructor(scope: Construct, id: string, { tokens, topic }: TokenPublicationProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    this.keys = new CfnKeyValueStore(this, 'Keys', {
      name: `millrace-${stage.name}-tokens`,
      comment: 'Tokens and logins as the edge knows them: hashes, roles, workspaces',
    });
    const publish = new PlatformFunction(this, 'Publish', {
      handler: 'gateway/publish-tokens',
      env: PublishTokensEnv,
      variables: { EDGE_KEYS_ARN: this.keys.attrArn },
      // One change at a time is all that the store takes.
      reservedConcurrency: 1,
    });
    const publishAll = new PlatformFunction(this, 'PublishAll', {
      handler: 'gateway/publish-all-tokens',
      env: PublishAllTokensEnv,
      variables: { EDGE_KEYS_ARN: this.keys.attrArn, TOKEN_TABLE: tokens.name },
      timeout: Duration.minutes(15),
    });
    tokens.allowRead(publishAll);
    for (const fn of [publish, publishAll]) allow(fn, CHANGE_KEYS, this.keys.attrArn);
    this.consume(tokens, publish, topic);
  }

  private consume(tokens: StateTable, publish: PlatformFunction, topic: ITopic): void {
    const stream = tokens.resource.tableStreamArn as string;
    const { queue } = new DeadLetters(this, 'Unpublished', { name: 'unpublished-tokens', topic });
    allow(publish, ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], stream);
    // ListStreams takes no resource (service authorization reference, DynamoDB).
    allow(publish, ['dynamodb:ListStreams'], '*');
    allow(publish, ['sqs:SendMessage'], queue.queueArn);
    const mapping = new CfnEventSourceMapping(this, 'Mapping', {
      functionName: publish.name,
      eventSourceArn: stream,
      startingPosition: 'TRIM_HORIZON',
      batchSize: 25,
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ['ReportBatchItemFailures'],
      maximumRetryAttempts: 10,
      maximumRecordAgeInSeconds: Duration.hours(12).toSeconds(),
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
    mapping.node.addDependency(publish.role);
  }
}
