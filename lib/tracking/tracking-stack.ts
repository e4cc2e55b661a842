import { type App, Size } from 'aws-cdk-lib';
import { TrackingApiEnv, TrackingUiEnv } from '../../lambdas/tracking/contract.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { LineageStack } from '../lineage/lineage-stack.ts';
import { allow } from '../shared/allow.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { StateTable } from '../shared/state-table.ts';
import { studioRoleName } from '../shared/studio-stage.ts';
import { mlflowUi } from './mlflow-ui.ts';

export interface TrackingStackProps {
  readonly lineage: LineageStack;
  readonly data: Pick<DataStack, 'artifacts'>;
}

/** What MLflow's clients write, in every workspace. */
const CLIENT_FILES = '*/mlflow/*';

/** Long descriptions of datasets, and snapshots of the search index: no client reaches them. */
const OWN_FILES = '*/tracking/*';

/** MLflow's tracking server as one function over one table; files lie in the artifacts zone. */
export class TrackingStack extends PlatformStack {
  readonly table: StateTable;
  /** What functions that write MLflow runs know, besides the artifacts. */
  readonly runs: { TRACKING_TABLE: string; ARTIFACT_ACCESS: string };
  readonly api: PlatformFunction;
  readonly ui: PlatformFunction;

  constructor(app: App, stage: Stage, { lineage, data }: TrackingStackProps) {
    super(app, 'tracking', stage);
    this.table = new StateTable(this, 'Tracking', { table: 'tracking' });
    this.runs = { TRACKING_TABLE: this.table.name, ARTIFACT_ACCESS: stage.artifactLocation };
    this.api = new PlatformFunction(this, 'Api', {
      handler: 'tracking/api',
      env: TrackingApiEnv,
      variables: {
        ...this.runs,
        ARTIFACTS_BUCKET: data.artifacts.name,
        CATALOGUE_TABLE: lineage.catalogue.name,
        OPEN_WORKSPACES: String(stage.openWorkspaces),
        IAM_CALLERS: JSON.stringify(this.signers()),
      },
      // The search index of the experiments that are asked for lives in its memory.
      memory: Size.mebibytes(1024),
    });
    this.table.allowWrite(this.api);
    allow(this.api, ['dynamodb:BatchGetItem'], this.table.resource.tableArn);
    // Models and versions are facts of the catalogue.
    lineage.catalogue.allowWrite(this.api);
    allow(this.api, ['dynamodb:BatchGetItem'], lineage.catalogue.resource.tableArn);
    // Apart from the API, whose cold start would carry 8 MB of files that no client asks for.
    this.ui = new PlatformFunction(this, 'Ui', {
      handler: 'tracking/ui',
      env: TrackingUiEnv,
      variables: {},
      files: [mlflowUi],
    });
    // A link that it signs may do what it may do itself: nothing outside the clients' part of each workspace.
    const { artifacts } = data;
    artifacts.allowRead(this.api, CLIENT_FILES);
    artifacts.allowWrite(this.api, CLIENT_FILES);
    allow(this.api, ['s3:DeleteObject', 's3:AbortMultipartUpload'], `${artifacts.arn}/${CLIENT_FILES}`);
    allow(this.api, ['s3:GetObject', 's3:PutObject'], `${artifacts.arn}/${OWN_FILES}`);
  }

  /** Whose signatures it takes: people in Studio, each for their own workspace, and whom the stage names. */
  private signers(): object[] {
    const { name, trackingIam, studio } = this.stage;
    if (!trackingIam) return [];
    const people = Object.entries(studio?.users ?? {}).map(([profile, { workspace }]) => ({
      principal: `arn:${this.partition}:iam::${this.account}:role/${studioRoleName(name, profile)}`,
      roles: ['scientist'],
      workspaces: [workspace],
    }));
    return [...people, ...trackingIam.callers];
  }
}
