import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { RegistryStack } from '../../lib/registry/registry-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';

function aRegistryTemplate(stage = parseStage('prod', { prod: {} })): Template {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const lineage = new LineageStack(app, stage);
  return Template.fromStack(new RegistryStack(app, stage, { lineage }));
}

describe('the registry stack', () => {
  const template = aRegistryTemplate();
  const keys = template.findResources('AWS::KMS::Key');

  test('signs with ECDSA on P-256 under a name of the stage', () => {
    template.hasResourceProperties('AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    template.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/millrace-prod-signer' });
  });

  test('keeps the key as long as bundles may be, under an id that never changes', () => {
    expect(Object.keys(keys)).toEqual(['Signer195B58A1']);
    expect(Object.values(keys)[0]).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('lets the key go with a stage that is disposable', () => {
    const disposable = aRegistryTemplate(parseStage('local', { local: { disposable: true } }));
    disposable.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
  });

  test('has exactly these resources', () => {
    const census = Object.values(template.toJSON()['Resources'] as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    expect(census.sort()).toEqual([
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::KMS::Alias',
      'AWS::KMS::Key',
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
    ]);
  });

  test('gives the API its catalogue and its log, and nothing of the key or of deletion', () => {
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[],
    );
    const actions = statements.flatMap(({ Action }) => Action).sort();
    expect(actions).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
    const table = statements.find(({ Action }) => Action.includes('dynamodb:PutItem'));
    expect(JSON.stringify(table?.Resource)).toMatch(/Catalogue.*Arn/);
  });

  test('names its function by domain and unit, and tells it the table', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'millrace-prod-registry-api',
      Environment: { Variables: { CATALOGUE_TABLE: Match.anyValue() } },
    });
  });
});
