import type { App } from 'aws-cdk-lib';
import { RegistryApiEnv } from '../../lambdas/registry/contract.ts';
import type { LineageStack } from '../lineage/lineage-stack.ts';
import { allow, TABLE_READ } from '../shared/allow.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Stage } from '../shared/stage.ts';
import { Signer } from './signer.ts';

export interface RegistryStackProps {
  readonly lineage: LineageStack;
}

/** The key that signs bundles, and the registry's API; models and versions are items of the catalogue. */
export class RegistryStack extends PlatformStack {
  readonly signer: Signer;
  readonly api: PlatformFunction;

  constructor(app: App, stage: Stage, { lineage }: RegistryStackProps) {
    super(app, 'registry', stage);
    this.signer = new Signer(this, 'Signer');
    this.api = new PlatformFunction(this, 'Api', {
      handler: 'registry/api',
      env: RegistryApiEnv,
      variables: { CATALOGUE_TABLE: lineage.catalogue.name },
    });
    // The registry takes nothing back: no delete, and its conditions stand on the writes themselves.
    allow(this.api, [...TABLE_READ, 'dynamodb:PutItem'], lineage.catalogue.resource.tableArn);
  }
}
