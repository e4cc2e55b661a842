import { expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { iamCallerOf } from '../../lambdas/shared/iam-caller.ts';
import { IamCallersText } from '../../lambdas/shared/iam-caller-list.ts';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';
import { TrackingStack } from '../../lib/tracking/tracking-stack.ts';
import { aStudio, deployed, signingStage } from '../builders/studio-template.ts';

/** Whose signatures the tracking function takes, as it reads them itself. */
function signersOf(stated: object) {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage('prod', { prod: { account: '111122223333', region: 'eu-central-1', ...stated } });
  const lineage = new LineageStack(app, stage);
  const data = new DataStack(app, stage, { lineage });
  const functions = Template.fromStack(new TrackingStack(app, stage, { lineage, data })).findResources(
    'AWS::Lambda::Function',
  );
  const told = Object.values(functions).flatMap(
    ({ Properties }) => Properties.Environment?.Variables.IAM_CALLERS ?? [],
  );
  expect(told).toHaveLength(1);
  return IamCallersText.parse(deployed(told[0]));
}
const session = (role: string) => `arn:aws:sts::111122223333:assumed-role/${role}/SageMaker`;

test('a notebook signs as a scientist of the workspace of its person, and of no other', () => {
  const signers = signersOf(signingStage);
  expect(iamCallerOf(session('millrace-prod-studio-anna'), signers)).toMatchObject({
    roles: ['scientist'],
    workspaces: ['default'],
  });
  expect(iamCallerOf(session('millrace-prod-studio-ben'), signers)).toMatchObject({
    roles: ['scientist'],
    workspaces: ['radar'],
  });
});

test('a name that is like a person of the Studio is nobody, and whom the stage names stays who they are', () => {
  const signers = signersOf(signingStage);
  expect(() => iamCallerOf(session('millrace-prod-studio-anna2'), signers)).toThrow(/gives it no role/);
  expect(iamCallerOf(session('Scientists'), signers)).toMatchObject({ workspaces: ['*'] });
});

test('nobody signs where the tracking API takes tokens', () => {
  expect(signersOf({ studio: aStudio() })).toEqual([]);
});
