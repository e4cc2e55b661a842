import { createHash } from 'node:crypto';
import { Fn } from 'aws-cdk-lib';
import { CfnStudioLifecycleConfig } from 'aws-cdk-lib/aws-sagemaker';
import { Construct } from 'constructs';
import { PlatformStack } from '../shared/platform-stack.ts';
import { type NotebookScriptValues, notebookScript } from './notebook-script.ts';

export interface NotebookStartProps extends NotebookScriptValues {
  readonly profile: string;
}

/** What runs when a person's JupyterLab starts. */
export class NotebookStart extends Construct {
  readonly resource: CfnStudioLifecycleConfig;

  constructor(scope: Construct, id: string, { profile, ...values }: NotebookStartProps) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    const script = notebookScript(values);
    // SageMaker changes none of these: another text is another one, and needs another name beside the old.
    const digest = createHash('sha256')
      .update(JSON.stringify(stack.resolve(script)))
      .digest('hex')
      .slice(0, 6);
    this.resource = new CfnStudioLifecycleConfig(this, 'Resource', {
      studioLifecycleConfigName: `millrace-${stack.stage.name}-${profile}-${digest}`,
      studioLifecycleConfigAppType: 'JupyterLab',
      studioLifecycleConfigContent: Fn.base64(script),
    });
  }

  get arn(): string {
    return this.resource.attrStudioLifecycleConfigArn;
  }
}
