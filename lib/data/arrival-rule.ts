import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allow } from '../shared/allow.ts';
import type { AslStateMachine } from '../shared/asl-state-machine.ts';
import { DeadLetters } from '../shared/dead-letters.ts';
import type { Zone } from '../shared/zone.ts';

export interface ArrivalRuleProps {
  /** A zone that tells EventBridge of its objects. */
  readonly zone: Zone;
  /** Started once for each object, with S3's event as its input. */
  readonly machine: AslStateMachine;
  readonly topic: ITopic;
}

/** Starts a workflow for every object that arrives in a zone, however it came there. */
export class ArrivalRule extends Construct {
  readonly resource: CfnRule;

  constructor(scope: Construct, id: string, { zone, machine, topic }: ArrivalRuleProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    allow({ role }, ['states:StartExecution'], machine.arn);
    const unstarted = new DeadLetters(this, 'Unstarted', { name: 'unstarted-ingestions', topic });
    this.resource = new CfnRule(this, 'Resource', {
      description: 'An object of the raw zone is taken into its dataset',
      // S3 tells the account's default bus, and only that one.
      eventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [zone.name] } },
      },
      targets: [
        {
          id: 'ingest-dataset',
          arn: machine.arn,
          roleArn: role.roleArn,
          deadLetterConfig: { arn: unstarted.queue.queueArn },
          retryPolicy: { maximumEventAgeInSeconds: Duration.hours(24).toSeconds(), maximumRetryAttempts: 185 },
        },
      ],
    });
    this.resource.node.addDependency(role);
    unstarted.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [unstarted.queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': this.resource.attrArn } },
      }),
    );
  }
}
