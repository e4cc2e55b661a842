import { expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';
import { TrackingStack } from '../../lib/tracking/tracking-stack.ts';

/** What the tracking function is told of who may sign. */
function toldCallers(config: object): unknown {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage('prod', { prod: config });
  const lineage = new LineageStack(app, stage);
  const data = new DataStack(app, stage, { lineage });
  const functions = Template.fromStack(new TrackingStack(app, stage, { lineage, data })).findResources(
    'AWS::Lambda::Function',
  );
  const told = Object.values(functions).flatMap(
    ({ Properties }) => Properties.Environment?.Variables.IAM_CALLERS ?? [],
  );
  expect(told).toHaveLength(1);
  return JSON.parse(told[0] as string);
}

test('the tracking function is told whom the stage names, and nobody where it names nobody', () => {
  const callers = [
    { principal: 'arn:aws:iam::111122223333:role/Scientists', roles: ['scientist'], workspaces: ['default'] },
  ];
  expect(toldCallers({ trackingIam: { callers } })).toEqual(callers);
  expect(toldCallers({})).toEqual([]);
});
