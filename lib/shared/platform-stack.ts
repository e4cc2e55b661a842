import { type App, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { applyPlatform } from './platform.ts';
import type { Stage } from './stage.ts';

/** A domain's stack: named after stage and domain, conditioned for the platform, tagged. */
export class PlatformStack extends Stack {
  readonly stage: Stage;

  constructor(app: App, domain: string, stage: Stage) {
    super(app, `millrace-${stage.name}-${domain}`, {
      env: stage.account ? { account: stage.account, region: stage.region } : undefined,
      description: `Millrace ${domain}, stage ${stage.name}`,
      terminationProtection: !stage.disposable,
    });
    this.stage = stage;
    applyPlatform(this);
    Tags.of(this).add('millrace:stage', stage.name);
  }

  /** For what holds state: kept when the stack goes, unless the stage is disposable. */
  get removal(): RemovalPolicy {
    return this.stage.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
  }

  static override of(scope: IConstruct): PlatformStack {
    const stack = Stack.of(scope);
    if (stack instanceof PlatformStack) return stack;
    throw new Error(
      `${scope.node.path}: a construct of the platform belongs into a PlatformStack, got ${stack.constructor.name}`,
    );
  }
}
