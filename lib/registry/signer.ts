import { Alias, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { allow } from '../shared/allow.ts';
import type { PlatformFunction } from '../shared/platform-function.ts';
import { PlatformStack } from '../shared/platform-stack.ts';

/** The key that bundles are signed with: ECDSA on P-256, its private half never leaves KMS. Kept as long as bundles are. */
export class Signer extends Construct {
  readonly resource: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    this.resource = new Key(this, 'Resource', {
      description: `Signs the bundles of Millrace stage ${stack.stage.name}`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: stack.removal,
    });
    new Alias(this, 'Alias', { aliasName: `alias/millrace-${stack.stage.name}-signer`, targetKey: this.resource });
  }

  get keyArn(): string {
    return this.resource.keyArn;
  }

  /** Sealing bundles: signing, and the public half to check one's own signature with. */
  allowSign(...functions: PlatformFunction[]): void {
    for (const fn of functions) allow(fn, ['kms:Sign', 'kms:GetPublicKey'], this.keyArn);
  }
  /** Handing the public half on to whoever verifies offline. */
  allowPublicKey(...functions: PlatformFunction[]): void {
    for (const fn of functions) allow(fn, ['kms:GetPublicKey'], this.keyArn);
  }
}
