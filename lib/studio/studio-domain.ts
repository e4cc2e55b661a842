import type { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDomain } from 'aws-cdk-lib/aws-sagemaker';
import { Construct } from 'constructs';
import { PlatformStack } from '../shared/platform-stack.ts';

export interface StudioDomainProps {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** How long a notebook is idle before its instance stops. */
  readonly idle: Duration;
}

/** Stops idle notebooks; nobody can choose another time, since least and most are the same. */
export const idleSettings = (idle: Duration) => ({
  idleSettings: {
    lifecycleManagement: 'ENABLED',
    idleTimeoutInMinutes: idle.toMinutes(),
    minIdleTimeoutInMinutes: idle.toMinutes(),
    maxIdleTimeoutInMinutes: idle.toMinutes(),
  },
});

/**
 * The domain: people come in by IAM, and what they have in it is encrypted with keys of AWS, which cost nothing.
 * Traffic leaves by SageMaker's own network: by the VPC it would take a NAT gateway, which is billed by the hour.
 */
export class StudioDomain extends Construct {
  readonly resource: CfnDomain;

  constructor(scope: Construct, id: string, { vpcId, subnetIds, idle }: StudioDomainProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    // SageMaker asks for a role of all those who have none of their own. It may do nothing.
    const nobody = new Role(this, 'Role', { assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') });
    this.resource = new CfnDomain(this, 'Resource', {
      domainName: `millrace-${stack.stage.name}`,
      authMode: 'IAM',
      vpcId,
      subnetIds: [...subnetIds],
      appNetworkAccessType: 'PublicInternetOnly',
      defaultUserSettings: {
        executionRole: nobody.roleArn,
        studioWebPortal: 'ENABLED',
        defaultLandingUri: 'studio::',
        sharingSettings: { notebookOutputOption: 'Disabled' },
        jupyterLabAppSettings: { appLifecycleManagement: idleSettings(idle) },
      },
      domainSettings: { dockerSettings: { enableDockerAccess: 'DISABLED' } },
      tagPropagation: 'ENABLED',
    });
    this.resource.applyRemovalPolicy(stack.removal);
  }

  get domainId(): string {
    return this.resource.attrDomainId;
  }
}
