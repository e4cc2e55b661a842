import { App } from 'aws-cdk-lib';
import { PlatformStack } from '../../lib/shared/platform-stack.ts';
import { parseStage, type Stage } from '../../lib/shared/stage.ts';

/** A stage by what it states; named prod. */
export const aStage = (stated: Record<string, unknown> = {}): Stage => parseStage('prod', { prod: stated });

/** An empty stack of the platform; functions in it are not bundled. */
export const aPlatformStack = (stated: Record<string, unknown> = {}): PlatformStack =>
  new PlatformStack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'kitchen', aStage(stated));
