import { join } from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import { CfnApplication } from 'aws-cdk-lib/aws-emrserverless';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { allow } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import type { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import { Sub } from '../shared/substitution.ts';
import type { Zone } from '../shared/zone.ts';

export interface SparkRefineryProps {
  readonly raw: Zone;
  readonly curated: Zone;
  /** Has the tasks around the job. */
  readonly jobs: PlatformFunction;
  readonly maxVcpu: number;
  readonly idle: Duration;
}

/** The release whose Spark the local test runs (test/local/data/spark-requirements.txt): 3.5.5. */
const RELEASE = 'emr-7.9.0';
const SCRIPT = join(import.meta.dirname, '../../lambdas/data/aws/refine_dataset.py');

/** Spark for files that outgrow one function: an application that runs while it has work, and the workflow around a job. */
export class SparkRefinery extends Construct {
  /** What a job may do. */
  readonly role: Role;
  readonly machine: AslStateMachine;

  constructor(scope: Construct, id: string, { raw, curated, jobs, maxVcpu, idle }: SparkRefineryProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const script = new Asset(this, 'Script', { path: SCRIPT });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('emr-serverless.amazonaws.com') });
    allow(
      this,
      ['s3:GetObject'],
      `${raw.arn}/*`,
      `${curated.arn}/*/spark/*`,
      `${script.bucket.bucketArn}/${script.s3ObjectKey}`,
    );
    // Spark writes beside the place and moves: it deletes what it has written, and nothing else.
    allow(this, ['s3:PutObject', 's3:DeleteObject'], `${curated.arn}/*/spark/*`);
    allow(this, ['s3:ListBucket'], raw.arn, curated.arn);

    const application = new CfnApplication(this, 'Resource', {
      name: `millrace-${stack.stage.name}`,
      type: 'SPARK',
      releaseLabel: RELEASE,
      architecture: 'ARM64',
      autoStartConfiguration: { enabled: true },
      autoStopConfiguration: { enabled: true, idleTimeoutMinutes: idle.toMinutes() },
      maximumCapacity: { cpu: `${maxVcpu} vCPU`, memory: `${4 * maxVcpu} GB`, disk: `${20 * maxVcpu} GB` },
    });
    // The rule that Step Functions itself makes and listens to (developer guide, "IAM policies for EMR Serverless").
    const rule = stack.formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: 'StepFunctionsGetEventsForEMRServerlessJobRule',
    });
    this.machine = new AslStateMachine(this, 'RefineWithSpark', {
      file: 'data/refine-with-spark',
      substitutions: {
        JobsFunction: Sub.invoke(jobs),
        SparkResource: Sub.emrServerless(this.role, application.attrArn, rule),
        Application: Sub.text(application.attrApplicationId),
        JobRole: Sub.text(this.role.roleArn),
        Script: Sub.text(script.s3ObjectUrl),
      },
    });
  }
}
