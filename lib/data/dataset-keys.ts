import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { allow } from '../shared/allow.ts';
import type { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';

/** What the keys of datasets are sealed under. Without it no pseudonym can be made again, so it is kept with the data. */
export class DatasetKeys extends Construct {
  readonly resource: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    this.resource = new Key(this, 'Resource', {
      description: `Seals the pseudonym keys of the datasets of Millrace stage ${stack.stage.name}`,
      enableKeyRotation: true,
      removalPolicy: stack.removal,
    });
    new Alias(this, 'Alias', { aliasName: `alias/millrace-${stack.stage.name}-datasets`, targetKey: this.resource });
  }

  get keyArn(): string {
    return this.resource.keyArn;
  }

  /** Making a dataset's key, and opening it. */
  allowUse(fn: PlatformFunction): void {
    allow(fn, ['kms:GenerateDataKey', 'kms:Decrypt'], this.keyArn);
  }
}
