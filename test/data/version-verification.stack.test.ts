import { expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';

const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
const stage = parseStage('prod', { prod: {} });
const template = Template.fromStack(new DataStack(app, stage, { lineage: new LineageStack(app, stage) }));

interface Statement {
  Action: string | string[];
  Resource: unknown;
}
const statementsOf = (owner: string): Statement[] =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`${owner}RoleDefaultPolicy`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
const actionsOf = (owner: string) =>
  [...new Set(statementsOf(owner).flatMap(({ Action }) => Action))]
    .filter((each) => !/^(logs|xray):/.test(each))
    .sort();
/** Which parts of the curated zone a role reads. */
const read = (owner: string) =>
  JSON.stringify(statementsOf(owner).filter(({ Action }) => [Action].flat().includes('s3:GetObject')))
    .match(/"Curated\w+","Arn"\]},"[^"]+/g)
    ?.map((text) => text.slice(text.lastIndexOf('"') + 1));
const parts = (...names: string[]) => names.map((name) => `/*/*/${name}/*`);

test('a function of its own reads what versions consist of, and writes nothing', () => {
  expect(actionsOf('VerificationTasks')).toEqual([
    'dynamodb:GetItem',
    'dynamodb:Query',
    's3:GetObject',
    's3:ListBucket',
  ]);
  expect(read('VerificationTasks')).toEqual(parts('train', 'test', 'manifests', 'profiles', 'quality', 'objects'));
});

test('another one reads labels of both sides, and writes nothing', () => {
  expect(actionsOf('LabelsTasks')).toEqual(['dynamodb:GetItem', 'dynamodb:Query', 's3:GetObject', 's3:ListBucket']);
  expect(read('LabelsTasks')).toEqual(parts('train', 'test', 'manifests'));
});

test('what erases reads what says which objects versions name, and no profile, report or object', () => {
  expect(read('DeletionTasks')).toEqual(parts('manifests', 'train', 'test', 'erasures'));
});

test.each([
  ['VerificationTasks', 'VERIFY_FUNCTION'],
  ['LabelsTasks', 'LABELS_FUNCTION'],
])('the API asks %s, and gives it less time than it has itself', (owner, variable) => {
  const asked = statementsOf('Api').filter(({ Action }) => Action === 'lambda:InvokeFunction');
  expect(JSON.stringify(asked)).toContain(owner);
  const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
  const timeoutOf = (name: string) => functions.find(([id]) => id.startsWith(name))?.[1].Properties.Timeout as number;
  expect(timeoutOf(owner)).toBeLessThan(timeoutOf('Api'));
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ [variable]: Match.anyValue() }) },
  });
});
