import { describe, expect, test } from '@jest/globals';
import { type Resource, synthesizedApp } from './synthesized-app.ts';

/**
 * What holds state, by stack and logical id. An id that changes makes CloudFormation create a new, empty thing beside
 * the old one, so a change here is a migration and never a correction of the test.
 */
const STATE = {
  'millrace-prod-lineage': {
    AccessLogs247031D9: 'AWS::S3::Bucket',
    Catalogue5682C6AE: 'AWS::DynamoDB::Table',
  },
  'millrace-prod-data': {
    Artifacts80C0BB10: 'AWS::S3::Bucket',
    BundlesE0646A81: 'AWS::S3::Bucket',
    Curated0551D75F: 'AWS::S3::Bucket',
    DatasetKeysC6519164: 'AWS::KMS::Key',
    FeaturesOnlineF6C94F25: 'AWS::DynamoDB::Table',
    FeaturesZone463B99B2: 'AWS::S3::Bucket',
    Raw2403193C: 'AWS::S3::Bucket',
    RecordsTable803AF5F0: 'AWS::DynamoDB::Table',
  },
  'millrace-prod-registry': { Signer195B58A1: 'AWS::KMS::Key' },
  'millrace-prod-serving': {
    EndpointrainFunctionA1D3FD2E: 'AWS::Lambda::Function',
    EndpointrainFunctionRoleF3C65355: 'AWS::IAM::Role',
    EndpointrainLive2751ECB3: 'AWS::Lambda::Alias',
    Windows288B1F0B: 'AWS::DynamoDB::Table',
  },
  'millrace-prod-tracking': { Tracking541EC9C4: 'AWS::DynamoDB::Table' },
  'millrace-prod-gateway': { TokensF9C4522F: 'AWS::DynamoDB::Table' },
};

const HOLDS_STATE = new Set(['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::Lambda::Alias']);

const isState = ([id, { Type, Properties }]: [string, Resource]) =>
  HOLDS_STATE.has(Type) ||
  (Type === 'AWS::Lambda::Function' && String(Properties?.['FunctionName']).includes('-endpoint-')) ||
  (Type === 'AWS::IAM::Role' && /^Endpoint\w+FunctionRole/.test(id));

const held = (stage: string) =>
  Object.entries(synthesizedApp(stage)).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(isState)
      .map(([id, resource]) => ({ stack, id, resource })),
  );

describe('what holds state', () => {
  test('has ids that never change', () => {
    const ids: Record<string, Record<string, string>> = {};
    for (const { stack, id, resource } of held('prod')) ids[stack] = { ...ids[stack], [id]: resource.Type };
    expect(ids).toEqual(STATE);
  });

  test('has the same ids in every stage', () => {
    const ids = (stage: string) => held(stage).map(({ stack, id }) => `${stack.replace(stage, '')} ${id}`);
    expect(ids('local')).toEqual(ids('prod'));
  });

  test('stays when its stack goes, and when a change would replace it', () => {
    for (const { id, resource } of held('prod'))
      expect([id, resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
  });

  test('goes with a stage that is disposable', () => {
    const kept = held('local').filter(({ resource }) => resource.DeletionPolicy === 'Retain');
    expect(kept.map(({ id }) => id)).toEqual([]);
  });

  test('of tables is restorable to any second and cannot be deleted by hand', () => {
    for (const { resource } of held('prod').filter((each) => each.resource.Type === 'AWS::DynamoDB::Table'))
      expect(resource.Properties).toMatchObject({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      });
  });
});
