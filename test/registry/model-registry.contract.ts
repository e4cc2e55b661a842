import { beforeAll, describe, expect, test } from '@jest/globals';
import { factOf, parseRef, readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { walk } from '../../lambdas/lineage/graph.ts';
import {
  type LiveRecord,
  modelFact,
  modelVersion,
  recordLive,
  registerModelVersion,
  setChampion,
} from '../../lambdas/registry/contract.ts';
import { listModels } from '../../lambdas/registry/model.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { derivedId } from '../../lambdas/shared/ids.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { aRegistration, registered } from '../builders/registration.ts';

const AT = '2026-01-06T09:00:00.000Z';

/** What models, versions and aliases must show on every table; `make` gives an empty one. */
export function modelRegistryContract(make: () => Promise<Table>): void {
  let table: Table;
  /** Each group has a table of its own, so that its tests may build on each other's state. */
  const onFreshTable = (versions: number) =>
    beforeAll(async () => {
      table = await registered(await make(), versions);
    });
  const ledger = () => readLedger(table, ref('model', 'default', 'rain'));
  const champion = (version: number) =>
    setChampion(table, { workspace: 'default', model: 'rain', version, actor: 'token-1', at: AT });
  const live = (given: Partial<LiveRecord>) =>
    recordLive(table, {
      workspace: 'default',
      model: 'rain',
      rollout: 'rollout:default/one',
      action: 'rollout-completed',
      actor: 'roll-out-model',
      at: AT,
      ...given,
    });
  const tagOf = async (version: number) => (await modelVersion(table, 'default', 'rain', version))?.tags;

  describe('registering', () => {
    onFreshTable(0);

    test('an unknown model has no fact and no version', async () => {
      expect(await modelFact(table, 'default', 'rain')).toBeUndefined();
      expect(await modelVersion(table, 'default', 'rain', 1)).toBeUndefined();
    });

    test('the first version is 1 and keeps everything it came from', async () => {
      const registration = aRegistration();
      expect(await registerModelVersion(table, registration)).toEqual({ version: 1 });
      const { workspace: _w, token: _t, actor: _a, at, ...told } = registration;
      const fact = { ...told, version: 1, registeredAt: at, tags: {} };
      expect(await modelVersion(table, 'default', 'rain', 1)).toEqual(fact);
      const model = { model: 'rain', latestVersion: 1, aliases: {}, createdAt: at, updatedAt: at };
      expect(await modelFact(table, 'default', 'rain')).toEqual(model);
    });

    test('the same token is the same version, whoever asks and whenever', async () => {
      const again = aRegistration({ actor: 'someone-else', at: AT });
      expect(await registerModelVersion(table, again)).toEqual({ version: 1 });
      expect(await ledger()).toHaveLength(1);
    });

    test('the same token with another payload is a conflict, for another model as well', async () => {
      const conflict = { name: 'TokenReused', kind: 'conflict' };
      const otherBundle = aRegistration({ bundle: digestOf('other') });
      await expect(registerModelVersion(table, otherBundle)).rejects.toMatchObject(conflict);
      await expect(registerModelVersion(table, aRegistration({ model: 'snow' }))).rejects.toMatchObject(conflict);
      expect(await modelFact(table, 'default', 'snow')).toBeUndefined();
    });

    test('the same bundle under another token is another version', async () => {
      const { bundle } = aRegistration();
      expect(await registerModelVersion(table, aRegistration({ token: 'second', bundle }))).toEqual({ version: 2 });
    });

    test('lineage leads from the version to its bundle, run, data and spec, and to nothing beside', async () => {
      const { nodes } = await walk(table, ref('model-version', 'default', 'rain/1'), { direction: 'upstream' });
      const kinds = nodes.map((node) => parseRef(node.ref)?.kind).sort();
      // Two runs produced the one bundle.
      expect(kinds).toEqual(['bundle', 'dataset-version', 'model', 'model-version', 'run', 'run', 'spec']);
    });

    test('the outbox has the event, by an id of its own', async () => {
      const events = (await Promise.all([1, 2].map((version) => registrationEvent(table, version)))) as {
        id: string;
      }[];
      expect(events).toMatchObject([
        { domain: 'registry', type: 'ModelVersionRegistered', detail: { model: 'rain', version: 1 } },
        { domain: 'registry', type: 'ModelVersionRegistered', detail: { model: 'rain', version: 2 } },
      ]);
    });

    test('workspaces do not see each other', async () => {
      const refs = { run: 'run:blue/r', dataset: 'dataset-version:blue/d', spec: 'spec:blue/s' } as const;
      const blue = aRegistration({ workspace: 'blue', ...refs });
      expect(await registerModelVersion(table, blue)).toEqual({ version: 1 });
      expect(await modelFact(table, 'blue', 'rain')).toMatchObject({ latestVersion: 1 });
      expect(await modelFact(table, 'default', 'rain')).toMatchObject({ latestVersion: 2 });
    });

    test('models are listed by name, page by page', async () => {
      await registerModelVersion(table, aRegistration({ model: 'hail', token: 'hail' }));
      await registerModelVersion(table, aRegistration({ model: 'snow', token: 'snow' }));
      const first = await listModels(table, 'default', { limit: 2 });
      expect(first).toMatchObject({ models: [{ model: 'hail' }, { model: 'rain', latestVersion: 2 }], next: 'rain' });
      const second = await listModels(table, 'default', { limit: 2, after: first.next });
      expect(second).toEqual({ models: [expect.objectContaining({ model: 'snow', latestVersion: 1, aliases: {} })] });
    });
  });

  describe('champion', () => {
    onFreshTable(2);

    test('setting it moves the alias, says so once in the ledger, and never moves live', async () => {
      await champion(2);
      await champion(2);
      expect((await modelFact(table, 'default', 'rain'))?.aliases).toEqual({ champion: 2 });
      const entries = (await ledger()).filter(({ action }) => action === 'champion-chosen');
      expect(entries).toMatchObject([{ actor: 'token-1', at: AT, detail: { version: 2, before: null } }]);
    });

    test('an unknown version or model is named and changes nothing', async () => {
      await expect(champion(3)).rejects.toMatchObject({ name: 'ModelVersionMissing', kind: 'missing' });
      const unknown = setChampion(table, { workspace: 'default', model: 'fog', version: 1, actor: 'a', at: AT });
      await expect(unknown).rejects.toMatchObject({ name: 'ModelMissing', kind: 'missing' });
      expect(await factOf(table, ref('model', 'default', 'fog'))).toBeUndefined();
      expect((await modelFact(table, 'default', 'rain'))?.aliases).toEqual({ champion: 2 });
    });

    test('a refused wish can be asked for again, and only then', async () => {
      await live({ action: 'rollout-refused', tag: { version: 2, text: 'golden set differs' } });
      expect(await tagOf(2)).toEqual({ 'millrace.rollout': 'golden set differs' });
      await champion(2);
      await champion(2);
      expect(await tagOf(2)).toEqual({});
      expect((await ledger()).filter(({ action }) => action === 'champion-chosen')).toHaveLength(2);
    });

    test('a champion that is live is asked for no more', async () => {
      await live({ rollout: 'rollout:default/two', version: 2 });
      await champion(2);
      expect((await ledger()).filter(({ action }) => action === 'champion-chosen')).toHaveLength(2);
    });
  });

  describe('live', () => {
    onFreshTable(2);
    const factKey = { pk: 'default#rollout#one', sk: 'fact' };

    test("a completed rollout moves the alias together with the rollout's own facts, edges and event", async () => {
      const done = await live({
        version: 1,
        facts: [{ put: { ...factKey, status: 'completed' }, when: { absent: true } }],
        edges: [{ from: 'rollout:default/one', relation: 'rolled-out', to: 'model-version:default/rain/1' }],
        event: { id: 'ended-1', workspace: 'default', domain: 'serving', type: 'RolloutEnded', detail: {} },
        detail: { steps: 2 },
      });
      expect(done).toBe('recorded');
      expect((await modelFact(table, 'default', 'rain'))?.aliases).toEqual({ live: 1 });
      expect(await table.get(factKey)).toMatchObject({ status: 'completed' });
      expect(await table.get({ pk: 'default#outbox#ended-1', sk: 'event' })).toBeDefined();
      expect((await ledger()).at(-1)).toMatchObject({
        action: 'rollout-completed',
        detail: { rollout: 'rollout:default/one', live: 1, before: null, steps: 2 },
      });
    });

    test("telling it again is already recorded, although the facts' own conditions no longer hold", async () => {
      const facts = [{ put: { ...factKey, status: 'again' }, when: { absent: true } as const }];
      expect(await live({ version: 1, facts, at: '2026-02-01T00:00:00.000Z' })).toBe('already');
      expect(await table.get(factKey)).toMatchObject({ status: 'completed' });
      expect(await ledger()).toHaveLength(3);
    });

    test('telling it otherwise is a conflict', async () => {
      await expect(live({ version: 2 })).rejects.toMatchObject({ name: 'TokenReused', kind: 'conflict' });
    });

    test('facts whose condition does not hold stop all of it, by their own positions', async () => {
      const facts = [
        { put: { pk: 'default#rollout#two', sk: 'fact' }, when: { absent: true } as const },
        { put: factKey, when: { absent: true } as const },
      ];
      const unmet = live({ rollout: 'rollout:default/two', version: 2, facts });
      await expect(unmet).rejects.toMatchObject({ name: 'ConditionUnmet', failed: [1] });
      expect((await modelFact(table, 'default', 'rain'))?.aliases).toEqual({ live: 1 });
      expect(await table.get({ pk: 'default#rollout#two', sk: 'fact' })).toBeUndefined();
    });

    test('a rollback points it back and leaves the reason with the version that went', async () => {
      await live({ rollout: 'rollout:default/two', version: 2 });
      const reason = { version: 2, text: 'errors 12 % above 1 %' };
      await live({ rollout: 'rollout:default/two', action: 'rollout-rolled-back', version: 1, tag: reason });
      expect((await modelFact(table, 'default', 'rain'))?.aliases).toEqual({ live: 1 });
      expect(await tagOf(2)).toEqual({ 'millrace.rollout': reason.text });
      expect(await tagOf(1)).toEqual({});
    });

    test('a version that comes to be live after all loses the old reason', async () => {
      await live({ rollout: 'rollout:default/three', version: 2 });
      expect(await tagOf(2)).toEqual({});
    });

    test('null says that nothing is live, leaving it out leaves it where it is', async () => {
      await live({ rollout: 'rollout:default/four', action: 'rollout-started' });
      expect((await modelFact(table, 'default', 'rain'))?.aliases).toEqual({ live: 2 });
      await live({ rollout: 'rollout:default/four', action: 'rollout-rolled-back', version: null });
      expect((await modelFact(table, 'default', 'rain'))?.aliases).toEqual({});
    });

    test('a version that does not exist never becomes live', async () => {
      const unknown = live({ rollout: 'rollout:default/five', version: 9 });
      await expect(unknown).rejects.toMatchObject({ name: 'ModelVersionMissing' });
    });
  });
}

async function registrationEvent(table: Table, version: number) {
  const id = derivedId('ModelVersionRegistered', 'default', 'rain', String(version));
  return (await table.get({ pk: `default#outbox#${id}`, sk: 'event' }))?.['event'];
}
