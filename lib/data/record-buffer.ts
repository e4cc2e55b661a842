import { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { FlushRecordsEnv } from '../../lambdas/data/contract.ts';
import { allow } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { StateTable } from '../shared/state-table.ts';
import { Sub } from '../shared/substitution.ts';
import type { Zone } from '../shared/zone.ts';

export interface RecordBufferProps {
  /** Where a flush that failed is put on record. */
  readonly catalogue: StateTable;
  /** Gets one object for each segment of the buffer. */
  readonly raw: Zone;
  readonly topic: ITopic;
}

/**
 * Where records that come one by one wait until many of them make a file. A table of its own: the catalogue tells its
 * every change to a stream, is never deleted from, and holds no raw values.
 */
export class RecordBuffer extends Construct {
  readonly table: StateTable;
  readonly machine: AslStateMachine;

  constructor(scope: Construct, id: string, { catalogue, raw, topic }: RecordBufferProps) {
    super(scope, id);
    this.table = new StateTable(this, 'Table', { table: 'records' });
    const flush = new PlatformFunction(this, 'Flush', {
      handler: 'data/flush',
      env: FlushRecordsEnv,
      variables: { CATALOGUE_TABLE: catalogue.name, BUFFER_TABLE: this.table.name, RAW_BUCKET: raw.name },
      timeout: Duration.minutes(2),
    });
    allow(flush, ['dynamodb:Query', 'dynamodb:DeleteItem'], this.table.resource.tableArn);
    allow(flush, ['dynamodb:GetItem', 'dynamodb:PutItem'], catalogue.resource.tableArn);
    raw.allowWrite(flush, '*/records.jsonl');
    this.machine = new AslStateMachine(this, 'FlushRecords', {
      file: 'data/flush-records',
      substitutions: { FlushFunction: Sub.invoke(flush) },
    });
    new PlatformAlarm(this, 'FlushFailed', {
      name: 'data/flush-failed',
      severity: 'ticket',
      description: 'records that were accepted are still in the buffer and not in the raw zone',
      metric: {
        namespace: 'AWS/States',
        name: 'ExecutionsFailed',
        statistic: 'Sum',
        dimensions: { StateMachineArn: this.machine.arn },
      },
      threshold: 1,
      topic,
    });
  }

  get variables() {
    return { BUFFER_TABLE: this.table.name, FLUSH_RECORDS_ARN: this.machine.arn };
  }

  /** Putting records in and asking for their flush; taking them out is the flush's alone. */
  allowSend(fn: PlatformFunction): void {
    allow(fn, ['dynamodb:GetItem', 'dynamodb:PutItem'], this.table.resource.tableArn);
    allow(fn, ['states:StartExecution'], this.machine.arn);
  }
}
