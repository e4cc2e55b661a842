import { type App, Duration } from 'aws-cdk-lib';
import { CfnAccount, IdentitySource, RequestAuthorizer, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { GatewayEnv, GatewayPages } from '../../lambdas/gateway/contract.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { publishUrls, type StageUrls } from '../shared/stage-urls.ts';
import { StateTable } from '../shared/state-table.ts';
import { FrontDoor, type GatewayErrorBody } from './front-door.ts';

/** What the gateway mounts: each domain's API function, and each endpoint's `live` alias. */
export interface GatewayProps {
  readonly apis: Readonly<Record<string, PlatformFunction>>;
  /** Answers the tracking URI itself and the files of its UI. */
  readonly trackingUi: PlatformFunction;
  readonly endpoints: Readonly<Record<string, { readonly aliasArn: string }>>;
}

const mlflowBody: GatewayErrorBody = (error_code, name, message) => ({ error_code, name, message });
const inferenceBody: GatewayErrorBody = (_code, _name, message) => ({ error: message });

/** Seconds that an inference token's check is remembered, which is how long a revoked one may still work. */
const REVOCATION_DELAY = Duration.seconds(60);

/** Below the tracking URI and below that of each other workspace; all else there stays the API's. */
function mountUi(control: FrontDoor, ui: PlatformFunction, api: PlatformFunction | undefined): void {
  for (const root of ['tracking', 'tracking/t/{workspace}']) {
    control.mountAt(root, ui.arn, 'GET');
    control.mountAt(`${root}/static-files/{proxy+}`, ui.arn, 'GET');
  }
  // Said once more, since a more specific resource above it would hide the API's own.
  if (api) control.mountAt('tracking/t/{workspace}/{proxy+}', api.arn);
}

/** The two REST APIs, the authorizer, and the tokens. */
export class GatewayStack extends PlatformStack {
  readonly control: RestApi;
  readonly urls: StageUrls;
  readonly tokens: StateTable;

  constructor(app: App, stage: Stage, { apis, trackingUi, endpoints }: GatewayProps) {
    super(app, 'gateway', stage);
    // The edge follows its changes.
    const tokens = new StateTable(this, 'Tokens', { table: 'tokens', stream: stage.edge !== undefined });
    this.tokens = tokens;
    const tokenFunction = (id: string, handler: string) =>
      new PlatformFunction(this, id, { handler, env: GatewayEnv, variables: { TOKEN_TABLE: tokens.name } });
    const authorize = tokenFunction('Authorize', 'gateway/authorize');
    const api = tokenFunction('Api', 'gateway/api');
    const firstToken = tokenFunction('FirstToken', 'gateway/first-token');
    tokens.allowRead(authorize);
    tokens.allowWrite(api, firstToken);
    const account = this.allowAccessLogs();

    const control = new FrontDoor(this, 'Control', {
      name: 'control',
      errorBody: mlflowBody,
      takesSignatures: stage.trackingIam !== undefined,
      // Artifacts and the files of the UI; JSON is decoded by whoever reads it.
      bytes: true,
      // No identity source and no cache: a browser's login cookie and a header token are both looked at, every time.
      authorizer: () =>
        new RequestAuthorizer(this, 'ControlAuthorizer', {
          handler: authorize.resource,
          identitySources: [],
          resultsCacheTtl: Duration.seconds(0),
        }),
    });
    for (const [domain, fn] of Object.entries({ ...apis, gateway: api }))
      control.mount(domain, fn.arn, domain === 'tracking' && stage.trackingIam ? 'iam' : 'token');
    // A browser signs nothing: where the tracking API takes signatures only, there is no login.
    const pages = stage.trackingIam ? [] : Object.values(GatewayPages).map(({ path }) => path.slice(1));
    for (const path of new Set(pages)) control.mountAt(path, api.arn);
    if (!stage.trackingIam) mountUi(control, trackingUi, apis['tracking']);
    // An API without a method cannot be deployed: a stage without endpoints has no inference API.
    const inference = Object.keys(endpoints).length > 0 ? this.inference(authorize, endpoints) : undefined;
    // API Gateway refuses a stage that logs where the account does not say yet with which role.
    for (const door of [control, inference]) door?.resource.deploymentStage.node.addDependency(account);
    this.control = control.resource;
    const { url } = control.resource;
    this.urls = { control: url, inference: inference?.resource.url ?? null, tracking: `${url}tracking` };
    // Behind the edge the tracking URI is the edge's, which knows it.
    if (!stage.edge) publishUrls(this, this.urls);
  }

  private inference(authorize: PlatformFunction, endpoints: GatewayProps['endpoints']): FrontDoor {
    const inference = new FrontDoor(this, 'Inference', {
      name: 'inference',
      errorBody: inferenceBody,
      authorizer: () =>
        new RequestAuthorizer(this, 'InferenceAuthorizer', {
          handler: authorize.resource,
          identitySources: [IdentitySource.header('Authorization')],
          resultsCacheTtl: REVOCATION_DELAY,
        }),
    });
    for (const [name, { aliasArn }] of Object.entries(endpoints)) inference.mount(name, aliasArn);
    return inference;
  }

  /** API Gateway writes logs with one role for the whole account and region: other stages' APIs use it when this one is gone. */
  private allowAccessLogs(): CfnAccount {
    const role = new Role(this, 'AccessLogRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs')],
    });
    role.applyRemovalPolicy(this.removal);
    return new CfnAccount(this, 'AccessLogAccount', { cloudWatchRoleArn: role.roleArn });
  }
}
