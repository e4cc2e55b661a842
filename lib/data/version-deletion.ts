import { Duration, Size } from 'aws-cdk-lib';
import { CfnRule, Schedule } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CURATED_PARTS, DeleteVersionsEnv } from '../../lambdas/data/contract.ts';
import { allow, TABLE_READ } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import { PlatformAlarm } from '../shared/platform-alarm.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { StateTable } from '../shared/state-table.ts';
import { Sub } from '../shared/substitution.ts';
import type { Zone } from '../shared/zone.ts';

export interface VersionDeletionProps {
  readonly catalogue: StateTable;
  readonly curated: Zone;
  readonly topic: ITopic;
}

/**
 * What takes the files of deleted dataset versions away, once a day and whenever somebody deletes one. Its function is
 * the only one that may erase, in the curated zone alone; nobody may in the raw one.
 */
export class VersionDeletion extends Construct {
  readonly machine: AslStateMachine;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: VersionDeletionProps) {
    super(scope, id);
    this.machine = new AslStateMachine(this, 'Machine', {
      file: 'data/delete-versions',
      substitutions: { DeleteVersions: Sub.invoke(this.makeFunction(props)) },
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    allow(this, ['states:StartExecution'], this.machine.arn);
    const rule = this.makeSchedule();
    const alarm = (construct: string, name: string, description: string, metric: AlarmMetric) =>
      new PlatformAlarm(this, construct, {
        ...{ name, severity: 'ticket', description, topic: props.topic, threshold: 1 },
        metric: { ...metric, statistic: 'Sum' },
      });
    alarm('Failed', 'data/deletion-failed', 'the files of a deleted dataset version could not be taken away', {
      namespace: 'AWS/States',
      name: 'ExecutionsFailed',
      dimensions: { StateMachineArn: this.machine.arn },
    });
    alarm('Unstarted', 'data/deletion-unstarted', 'the daily sweep of dataset versions could not be started', {
      namespace: 'AWS/Events',
      name: 'FailedInvocations',
      dimensions: { RuleName: rule.ref },
    });
  }

  /** Starting it by hand, and hearing how it went. */
  allowStart(fn: PlatformFunction): void {
    allow(fn, ['states:StartExecution'], this.machine.arn);
  }

  private makeFunction({ catalogue, curated }: VersionDeletionProps): PlatformFunction {
    const fn = new PlatformFunction(this, 'Tasks', {
      handler: 'data/delete-versions',
      env: DeleteVersionsEnv,
      variables: { CATALOGUE_TABLE: catalogue.name, CURATED_BUCKET: curated.name },
      // A plan of 100,000 objects is 20 MB of JSON.
      memory: Size.mebibytes(1024),
      timeout: Duration.minutes(10),
    });
    allow(fn, [...TABLE_READ, 'dynamodb:PutItem', 'dynamodb:ConditionCheckItem'], catalogue.resource.tableArn);
    // What versions name: their manifests and, since those of a collection name objects in rows, its files of both
    // sides. No key says which dataset is a collection.
    const { manifests, train, heldOut, erasures } = CURATED_PARTS;
    for (const part of [manifests, train, heldOut, erasures]) curated.allowRead(fn, part);
    curated.allowWrite(fn, erasures);
    allow(fn, ['s3:ListBucketVersions'], curated.arn);
    // DeleteObjects always asks for both (S3 API reference, "DeleteObjects", permissions).
    allow(fn, ['s3:DeleteObject', 's3:DeleteObjectVersion'], `${curated.arn}/*`);
    return fn;
  }

  /** A start that failed is the next day's, and told. */
  private makeSchedule(): CfnRule {
    const { stage } = PlatformStack.of(this);
    const rule = new CfnRule(this, 'Resource', {
      name: `millrace-${stage.name}-delete-versions`,
      description: 'Deletes dataset versions that are past their retention',
      scheduleExpression: Schedule.rate(Duration.days(1)).expressionString,
      targets: [
        {
          id: 'delete-versions',
          arn: this.machine.arn,
          roleArn: this.role.roleArn,
          input: '{}',
          retryPolicy: { maximumRetryAttempts: 12, maximumEventAgeInSeconds: Duration.hours(6).toSeconds() },
        },
      ],
    });
    rule.node.addDependency(this.role);
    return rule;
  }
}

interface AlarmMetric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}
