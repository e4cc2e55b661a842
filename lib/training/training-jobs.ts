import { ArnFormat, Duration, Fn, Size } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { RunTrainingJobEnv } from '../../lambdas/training/contract.ts';
import { allow } from '../shared/allow.ts';
import { localOnly, platformConditions } from '../shared/platform.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import { Sub, type Substitution } from '../shared/substitution.ts';
import type { Zone } from '../shared/zone.ts';

export interface TrainingJobsProps {
  readonly artifacts: Zone;
}

/**
 * Where foreign training code runs: SageMaker on AWS, a function that runs the script as a process in the local cloud.
 * The state machine's request is the same, so is the answer; only this construct knows the two.
 */
export class TrainingJobs extends Construct {
  /** What a training job itself may do. */
  readonly role: Role;
  /** For `${TrainResource}`. */
  readonly resource: Substitution;

  constructor(scope: Construct, id: string, { artifacts }: TrainingJobsProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') });
    this.allowJob(artifacts);

    const standIn = localOnly(
      new PlatformFunction(this, 'StandIn', {
        handler: 'training/run-training-job',
        env: RunTrainingJobEnv,
        variables: { ARTIFACTS_BUCKET: artifacts.name },
        memory: Size.mebibytes(1024),
        timeout: Duration.minutes(5),
      }),
    );
    artifacts.allowRead(standIn);
    artifacts.allowWrite(standIn, '*/runs/*/job/*');

    const text = Fn.conditionIf(
      platformConditions(stack).onLocal.logicalId,
      standIn.arn,
      'arn:aws:states:::sagemaker:createTrainingJob.sync',
    ).toString();
    const jobs = stack.formatArn({ service: 'sagemaker', resource: 'training-job', resourceName: 'millrace-*' });
    // The rule that Step Functions itself makes and listens to (developer guide, "IAM policies for SageMaker").
    const rule = stack.formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: 'StepFunctionsGetEventsForSageMakerTrainingJobsRule',
    });
    this.resource = Sub.sagemakerTraining(this.role, text, jobs, rule);
  }

  /** A job reads its script and its channels, writes its archive, says what it does, and gets its image. No data zone. */
  private allowJob(artifacts: Zone): void {
    const stack = PlatformStack.of(this);
    allow(this, ['s3:GetObject'], `${artifacts.arn}/*/scripts/*`, `${artifacts.arn}/*/runs/*/channels/*`);
    allow(this, ['s3:PutObject'], `${artifacts.arn}/*/runs/*/job/*`);
    allow(this, ['s3:ListBucket'], artifacts.arn);
    const logs = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: '/aws/sagemaker/TrainingJobs:*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    allow(this, ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], logs);
    // Images of this account and the public training images of AWS, whose accounts differ by region.
    const images = stack.formatArn({ service: 'ecr', account: '*', resource: 'repository', resourceName: '*' });
    allow(this, ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], images);
    // Neither takes a resource (service authorization reference, ECR and CloudWatch).
    allow(this, ['ecr:GetAuthorizationToken', 'cloudwatch:PutMetricData'], '*');
  }
}
