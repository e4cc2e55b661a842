import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allow } from '../shared/allow.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import { studioRoleName } from '../shared/studio-stage.ts';
import type { Zone } from '../shared/zone.ts';

export interface NotebookRoleProps {
  readonly profile: string;
  readonly workspace: string;
}

/** What MLflow's client calls below the tracking URI. The UI's own paths are not among it: a browser signs nothing. */
const CLIENT_CALLS = [
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, 'api/*'] as const),
  ['GET', 'version'] as const,
];

/** Where a person's notebook runs: names that SageMaker makes its ARNs of. */
export interface NotebookPlace {
  readonly domainId: string;
  readonly profile: string;
  readonly space: string;
  readonly instanceType: string;
}

/** What one person's notebook may do: the tracking API and the artifacts of one workspace, and open and close itself. */
export class NotebookRole extends Construct {
  readonly role: Role;
  private readonly workspace: string;

  constructor(scope: Construct, id: string, { profile, workspace }: NotebookRoleProps) {
    super(scope, id);
    this.workspace = workspace;
    this.role = new Role(this, 'Resource', {
      // By which the tracking API knows its signatures.
      roleName: studioRoleName(PlatformStack.of(this).stage.name, profile),
      assumedBy: new ServicePrincipal('sagemaker.amazonaws.com'),
    });
  }

  /** Signed calls of the tracking API. The function behind it looks at the workspace once more. */
  allowSigned(control: RestApi): void {
    const root = this.workspace === 'default' ? '/tracking' : `/tracking/t/${this.workspace}`;
    const stage = control.deploymentStage.stageName;
    allow(
      this,
      ['execute-api:Invoke'],
      ...CLIENT_CALLS.map(([method, path]) => control.arnForExecuteApi(method, `${root}/${path}`, stage)),
    );
  }

  /** Reading the one secret that holds the person's token. */
  allowToken(secretArn: string): void {
    allow(this, ['secretsmanager:GetSecretValue'], secretArn);
  }

  /** The workspace's files of MLflow's clients, also by `s3://`. Nothing is deleted there but by the tracking API. */
  allowArtifacts(artifacts: Zone): void {
    const files = `${this.workspace}/mlflow/*`;
    allow(this, ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], `${artifacts.arn}/${files}`);
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [artifacts.arn],
        conditions: { StringLike: { 's3:prefix': files } },
      }),
    );
  }

  /**
   * Studio's pages act with this very role (developer guide, "Give your users access to spaces"): it opens, starts and
   * stops the person's own notebook on the stage's type of instance, and makes nothing else.
   */
  allowNotebook({ domainId, profile, space, instanceType }: NotebookPlace): void {
    const arn = (resource: string, ...names: string[]) =>
      PlatformStack.of(this).formatArn({ service: 'sagemaker', resource, resourceName: names.join('/') });
    // AWS does not document how an ARN spells the type of an app.
    const apps = ['JupyterLab', 'jupyterlab'].map((type) => arn('app', domainId, space, type, 'default'));
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['sagemaker:CreateApp'],
        resources: apps,
        conditions: { 'ForAllValues:StringEquals': { 'sagemaker:InstanceTypes': [instanceType] } },
      }),
    );
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['sagemaker:AddTags'],
        resources: apps,
        conditions: { StringEquals: { 'sagemaker:TaggingAction': 'CreateApp' } },
      }),
    );
    allow(this, ['sagemaker:DeleteApp', 'sagemaker:DescribeApp'], ...apps);
    allow(this, ['sagemaker:DescribeDomain'], arn('domain', domainId));
    const profileArn = arn('user-profile', domainId, profile);
    allow(this, ['sagemaker:CreatePresignedDomainUrl', 'sagemaker:DescribeUserProfile'], profileArn);
    allow(this, ['sagemaker:DescribeSpace'], arn('space', domainId, space));
    // They take no resource. What they tell is names, of what is in the account.
    allow(
      this,
      ['sagemaker:ListApps', 'sagemaker:ListDomains', 'sagemaker:ListSpaces', 'sagemaker:ListUserProfiles'],
      '*',
    );
  }
}
