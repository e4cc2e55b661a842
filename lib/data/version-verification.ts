import { Duration, Size } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CURATED_PARTS, VerifyVersionEnv } from '../../lambdas/data/contract.ts';
import { allow } from '../shared/allow.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import type { StateTable } from '../shared/state-table.ts';
import type { Zone } from '../shared/zone.ts';

export interface VersionVerificationProps {
  readonly catalogue: StateTable;
  readonly curated: Zone;
}

/**
 * The function that reads a version again, rows that are held out included, and tells digests of what it read. The API
 * asks it page by page: so the API's own role needs none of those rows.
 */
export class VersionVerification extends Construct {
  private readonly fn: PlatformFunction;

  constructor(scope: Construct, id: string, { catalogue, curated }: VersionVerificationProps) {
    super(scope, id);
    this.fn = new PlatformFunction(this, 'Tasks', {
      handler: 'data/verify',
      env: VerifyVersionEnv,
      variables: { CATALOGUE_TABLE: catalogue.name, CURATED_BUCKET: curated.name },
      // It hashes what it holds whole: a Parquet file, or 64 MB of objects at a time; a whole vCPU for that.
      memory: Size.mebibytes(1769),
      // Less than the API has, so that it is the API that answers.
      timeout: Duration.seconds(18),
    });
    catalogue.allowRead(this.fn);
    const { train, heldOut, manifests, profiles, quality, objects } = CURATED_PARTS;
    for (const part of [train, heldOut, manifests, profiles, quality, objects]) curated.allowRead(this.fn, part);
  }

  get variables() {
    return { VERIFY_FUNCTION: this.fn.name };
  }

  allowApi(api: PlatformFunction): void {
    allow(api, ['lambda:InvokeFunction'], this.fn.arn);
  }
}
