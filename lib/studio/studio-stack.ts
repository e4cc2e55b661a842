import { type App, Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { DataStack } from '../data/data-stack.ts';
import { awsOnly } from '../shared/platform.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { StudioDomain } from './studio-domain.ts';
import { StudioUser } from './studio-user.ts';

export interface StudioStackProps {
  readonly data: Pick<DataStack, 'artifacts'>;
  /** The REST API that has the tracking API below `/tracking`. */
  readonly control: RestApi;
  /** The tracking URI that clients get; a signature is good for the control API's alone. */
  readonly trackingUri: string;
}

/** SageMaker Studio whose notebooks reach the tracking API and the artifacts of their workspace. Opt-in, on AWS only. */
export class StudioStack extends PlatformStack {
  constructor(app: App, stage: Stage, { data, control, trackingUri }: StudioStackProps) {
    super(app, 'studio', stage);
    const { studio } = stage;
    if (!studio) throw new Error(`stages.${stage.name}.studio: got nothing, expected the Studio that the stack is of`);
    if (stage.name === 'local')
      throw new Error('stages.local.studio: got one, the local cloud has no Studio: a notebook of your own reaches it');
    awsOnly(this);
    const { vpcId, subnetIds, gitRepository, instanceType } = studio;
    const idle = Duration.minutes(studio.idleMinutes);
    const domain = new StudioDomain(this, 'Domain', { vpcId, subnetIds, idle });
    const { artifacts } = data;
    const common = { domain, control, artifacts, trackingUri, gitRepository, idle, instanceType };
    for (const [profile, { workspace, tokenSecretArn }] of Object.entries(studio.users))
      new StudioUser(this, `User-${profile}`, { common, profile, workspace, tokenSecretArn });
  }
}
