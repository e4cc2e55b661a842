import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { allow, TABLE_READ, TABLE_WRITE } from './allow.ts';
import type { PlatformFunction } from './platform-function.ts';
import { PlatformStack } from './platform-stack.ts';

export interface StateTableProps {
  /** The table is named `millrace-<stage>-<table>`. */
  readonly table: string;
  /** Whether its changes can be consumed. @default false */
  readonly stream?: boolean;
}

/** A table of items by (pk, sk): on demand, restorable to any second, expiring rows by `expiresAt`. */
export class StateTable extends Construct {
  readonly resource: Table;

  constructor(scope: Construct, id: string, { table, stream }: StateTableProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    this.resource = new Table(this, 'Resource', {
      tableName: `millrace-${stack.stage.name}-${table}`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expiresAt',
      deletionProtection: !stack.stage.disposable,
      removalPolicy: stack.removal,
      stream: stream ? StreamViewType.NEW_IMAGE : undefined,
    });
  }

  get name(): string {
    return this.resource.tableName;
  }

  allowRead(...functions: PlatformFunction[]): void {
    for (const fn of functions) allow(fn, TABLE_READ, this.resource.tableArn);
  }

  /** Reads and transactions. */
  allowWrite(...functions: PlatformFunction[]): void {
    for (const fn of functions) allow(fn, [...TABLE_READ, ...TABLE_WRITE], this.resource.tableArn);
  }
}
