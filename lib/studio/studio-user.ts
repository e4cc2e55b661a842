import { type Duration, Validations } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnSpace, CfnUserProfile } from 'aws-cdk-lib/aws-sagemaker';
import { Construct } from 'constructs';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Zone } from '../shared/zone.ts';
import { NotebookRole } from './notebook-role.ts';
import { NotebookStart } from './notebook-start.ts';
import { idleSettings, type StudioDomain } from './studio-domain.ts';

/** What everybody in a Studio has in common. */
export interface StudioCommon {
  readonly domain: StudioDomain;
  readonly control: RestApi;
  readonly artifacts: Zone;
  /** The tracking URI of the workspace `default`. */
  readonly trackingUri: string;
  readonly gitRepository: string;
  readonly idle: Duration;
  readonly instanceType: string;
}

export interface StudioUserProps {
  readonly common: StudioCommon;
  readonly profile: string;
  readonly workspace: string;
  /** @default the tracking API takes signatures */
  readonly tokenSecretArn?: string | undefined;
}

/** One person: a profile with a role of its own, and a private notebook. */
export class StudioUser extends Construct {
  constructor(scope: Construct, id: string, { common, profile, workspace, tokenSecretArn }: StudioUserProps) {
    super(scope, id);
    const { domain, instanceType, idle, trackingUri } = common;
    const { domainId } = domain;
    const space = `${profile}-notebook`;
    const role = new NotebookRole(this, 'Role', { profile, workspace });
    role.allowArtifacts(common.artifacts);
    role.allowNotebook({ domainId, profile, space, instanceType });
    if (tokenSecretArn) role.allowToken(tokenSecretArn);
    else role.allowSigned(common.control);

    const start = new NotebookStart(this, 'Start', {
      profile,
      trackingUri: workspace === 'default' ? trackingUri : `${trackingUri}/t/${workspace}`,
      tokenSecretArn,
      gitRepository: common.gitRepository,
    });
    const userProfile = new CfnUserProfile(this, 'Profile', {
      domainId,
      userProfileName: profile,
      userSettings: {
        executionRole: role.role.roleArn,
        jupyterLabAppSettings: {
          // The one that always runs, whatever a space says.
          builtInLifecycleConfigArn: start.arn,
          defaultResourceSpec: { instanceType },
          appLifecycleManagement: idleSettings(idle),
        },
      },
    });
    // Made here, so that the role need not make any, nor change the type of its instance.
    const notebook = new CfnSpace(this, 'Space', {
      domainId,
      spaceName: space,
      ownershipSettings: { ownerUserProfileName: profile },
      spaceSharingSettings: { sharingType: 'Private' },
      spaceSettings: {
        appType: 'JupyterLab',
        jupyterLabAppSettings: {
          defaultResourceSpec: { instanceType },
          appLifecycleManagement: { idleSettings: { idleTimeoutInMinutes: idle.toMinutes() } },
        },
      },
    });
    notebook.addResourceDependency(userProfile);
    // The reference of CloudFormation has it for all three.
    for (const told of [userProfile, notebook])
      Validations.of(told).acknowledge({
        id: 'CloudFormation-Validate::F3002',
        reason: "the construct library's copy of the schema lacks AppLifecycleManagement of profiles and spaces",
      });
    // People's files are in the space, which is their profile's.
    for (const kept of [userProfile, notebook]) kept.applyRemovalPolicy(PlatformStack.of(this).removal);
  }
}
