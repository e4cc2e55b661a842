import { Duration, Size } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CURATED_PARTS, LabelsEnv } from '../../lambdas/data/contract.ts';
import { allow } from '../shared/allow.ts';
import { PlatformFunction } from '../shared/platform-function.ts';
import type { StateTable } from '../shared/state-table.ts';
import type { Zone } from '../shared/zone.ts';

export interface LabelViewsProps {
  readonly catalogue: StateTable;
  readonly curated: Zone;
}

/**
 * The function that says how far labellers agree. It reads labels of both sides, which the API's own role may not, and
 * names items of one.
 */
export class LabelViews extends Construct {
  private readonly fn: PlatformFunction;

  constructor(scope: Construct, id: string, { catalogue, curated }: LabelViewsProps) {
    super(scope, id);
    this.fn = new PlatformFunction(this, 'Tasks', {
      handler: 'data/labels',
      env: LabelsEnv,
      variables: { CATALOGUE_TABLE: catalogue.name, CURATED_BUCKET: curated.name },
      // 200,000 labels as rows.
      memory: Size.mebibytes(1769),
      // Less than the API has, so that it is the API that answers.
      timeout: Duration.seconds(18),
    });
    catalogue.allowRead(this.fn);
    for (const part of [CURATED_PARTS.train, CURATED_PARTS.heldOut]) curated.allowRead(this.fn, part);
    curated.allowRead(this.fn, CURATED_PARTS.manifests);
  }

  get variables() {
    return { LABELS_FUNCTION: this.fn.name };
  }

  allowApi(api: PlatformFunction): void {
    allow(api, ['lambda:InvokeFunction'], this.fn.arn);
  }
}
