import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifySubject } from '../../../lambdas/lineage/graph.ts';
import { registerModelVersion } from '../../../lambdas/registry/contract.ts';
import { aRegistration } from '../../builders/registration.ts';
import { faultRate, faulty, seededRandom, untilAnswered } from '../../fakes/faulty.ts';
import { bundleStoreContract } from '../../registry/bundle-store.contract.ts';
import { clientModelChangesContract } from '../../registry/client-model-changes.contract.ts';
import { clientModelsContract } from '../../registry/client-models.contract.ts';
import { modelRegistryContract } from '../../registry/model-registry.contract.ts';
import { type RegistryCloud, registryCloud } from './registry-cloud.ts';

let cloud: RegistryCloud;
beforeAll(async () => {
  cloud = await registryCloud();
}, 90_000);
afterAll(() => cloud?.stop());

describe('models in DynamoDB', () => {
  modelRegistryContract(() => cloud.emptyTable());

  test('registering at the same time leaves no gap and no duplicate, with three of ten answers lost', async () => {
    const stored = await cloud.emptyTable();
    const table = faulty(stored, faultRate(0.3, seededRandom(3)));
    const tokens = Array.from({ length: 20 }, (_, i) => `token-${i % 10}`);
    const register = (token: string) => untilAnswered(() => registerModelVersion(table, aRegistration({ token })));
    const answers = await Promise.all(tokens.map(register));
    const numbers = answers.map(({ version }) => version);
    expect(numbers.slice(0, 10).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(tokens.map((_, i) => numbers[i % 10])).toEqual([...answers.map(({ version }) => version)]);
    expect(await verifySubject(stored, 'model:default/rain')).toMatchObject({ intact: true, entries: 10 });
  }, 60_000);
});

describe('models and versions made with a client, in DynamoDB', () => {
  clientModelsContract(() => cloud.emptyTable());
  clientModelChangesContract(() => cloud.emptyTable());
});

describe('bundles in S3, signed by KMS', () => {
  bundleStoreContract(async () => ({
    bundles: await cloud.emptyZone(),
    sign: await cloud.newSigner(),
    workspace: 'default',
    strangers: await cloud.newSigner(),
  }));
});
