import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allow } from '../shared/allow.ts';
import { AslStateMachine } from '../shared/asl-state-machine.ts';
import type { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import { Sub } from '../shared/substitution.ts';
import type { Zone } from '../shared/zone.ts';

export interface LabellingJobsProps {
  readonly raw: Zone;
  readonly curated: Zone;
  /** ARN prefix of the service's own functions, which prepare tasks and consolidate labels. */
  readonly functions: string;
}

/** Labelling by people: what a Ground Truth job may do, and the workflow around it. */
export class LabellingJobs extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { raw, curated, functions }: LabellingJobsProps) {
    super(scope, id);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') });
    // Images come from the raw zone; manifest, classes and page lie with the output.
    allow(this, ['s3:GetObject'], `${raw.arn}/*`, `${curated.arn}/*/labelling/*`);
    allow(this, ['s3:PutObject'], `${curated.arn}/*/labelling/*`);
    allow(this, ['s3:ListBucket'], raw.arn, curated.arn);
    const tasks = ['ImageMultiClass', 'TextMultiClass'];
    allow(
      this,
      ['lambda:InvokeFunction'],
      ...tasks.flatMap((task) => [`${functions}:PRE-${task}`, `${functions}:ACS-${task}`]),
    );
  }

  /** The workflow; its tasks need the role's name first, so the function comes between the two. */
  workflow(jobs: PlatformFunction): AslStateMachine {
    const stack = PlatformStack.of(this);
    const named = stack.formatArn({ service: 'sagemaker', resource: 'labeling-job', resourceName: 'millrace-*' });
    return new AslStateMachine(this, 'LabelObjects', {
      file: 'data/label-objects',
      substitutions: {
        JobsFunction: Sub.invoke(jobs),
        CreateLabelingJob: Sub.createLabelingJob(this.role, named),
        DescribeLabelingJob: Sub.describeLabelingJob(named),
      },
    });
  }
}
