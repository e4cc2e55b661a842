import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { PlatformStack } from './platform-stack.ts';

/** The URLs of a stage's APIs. */
export interface StageUrls {
  readonly control: string;
  /** Null for a stage without endpoints. */
  readonly inference: string | null;
  readonly tracking: string;
}

/** Where clients look the platform up: one parameter, in the last stack that knows a URL. */
export function publishUrls(stack: PlatformStack, urls: StageUrls): void {
  new CfnParameter(stack, 'Urls', {
    name: `/millrace/${stack.stage.name}/urls`,
    type: 'String',
    description: 'URLs of the stage as JSON; the CLI reads them here',
    value: stack.toJsonString(urls),
  });
}
