import { beforeEach, describe, expect, test } from '@jest/globals';
import { readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import {
  attachBundle,
  createCandidate,
  deleteAlias,
  deleteModel,
  deleteVersion,
  explainCandidate,
  findVersions,
  modelFact,
  modelVersion,
  moveToStage,
  recordLive,
  registerModelVersion,
  renameModel,
  setChampion,
  showModel,
  showTaggedVersion,
} from '../../lambdas/registry/contract.ts';
import { latestByStage } from '../../lambdas/registry/stage.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { clientModels } from '../builders/client-models.ts';
import { aRegistration } from '../builders/registration.ts';

const AT = '2026-01-06T09:00:00.000Z';
const LATER = '2026-01-06T09:00:01.000Z';
const ENGINEER = { tokenId: 't-1', roles: ['engineer'], workspaces: ['*'] };

/** How stages, deletions, renames and candidates must go on every table; `make` gives an empty one. */
export function clientModelChangesContract(make: () => Promise<Table>): void {
  let table: Table;
  const { change, model, version, named, alias, actions } = clientModels(() => table);

  beforeEach(async () => {
    table = await make();
  });

  describe('stages', () => {
    const stage = (number: number, to: string, archive = false) =>
      moveToStage(table, { ...named(number), stage: to, archive, at: LATER });
    const latest = async () => Object.fromEntries(latestByStage((await modelFact(table, 'default', 'rain'))!));

    test('have a newest version each, and archive the others when asked', async () => {
      await model();
      for (let i = 0; i < 4; i++) await version();
      await stage(1, 'production');
      await stage(2, 'Production');
      await stage(4, 'Staging');
      expect(await latest()).toEqual({ None: 3, Production: 2, Staging: 4 });
      await stage(3, 'PRODUCTION', true);
      expect(await latest()).toEqual({ Production: 3, Staging: 4, Archived: 2 });
      await stage(4, 'None');
      expect(await latest()).toEqual({ Production: 3, None: 4, Archived: 2 });
    });

    test.each([
      [
        'Nowhere',
        false,
        /Invalid Model Version stage: Nowhere. Value must be one of None, Staging, Production, Archived/,
      ],
      ['Archived', true, /is not an Active stage/],
      ['None', true, /is not an Active stage/],
    ])('refuse %s with archive %s', async (to, archive, message) => {
      await model();
      await version();
      await expect(stage(1, to, archive)).rejects.toMatchObject({
        name: 'StageInvalid',
        message: expect.stringMatching(message),
      });
    });
  });

  describe('deleting', () => {
    test('a version takes its aliases and stage along, and its number is never given again', async () => {
      await model();
      await version();
      await version({ runId: 'r2' });
      await alias('best', 2);
      await moveToStage(table, { ...named(2), stage: 'Staging', at: AT });
      await deleteVersion(table, { ...change(), version: 2 });
      expect(await modelFact(table, 'default', 'rain')).toMatchObject({ latestVersion: 2, aliases: {}, stages: {} });
      expect(await modelVersion(table, 'default', 'rain', 2)).toBeUndefined();
      expect((await findVersions(table, 'default')).map(({ version: number }) => number)).toEqual([1]);
      expect(await findVersions(table, 'default', { runId: 'r2' })).toEqual([]);
      expect(await version()).toBe(3);
      await expect(alias('best', 2)).rejects.toMatchObject({ name: 'ModelVersionMissing' });
      expect(await actions()).toContain('model-version-deleted');
      expect(await verifySubject(table, ref('model', 'default', 'rain'))).toMatchObject({ intact: true });
    });

    test('a version that is live, or champion with a bundle, is refused', async () => {
      await registerModelVersion(table, aRegistration());
      await setChampion(table, { ...change(), version: 1 });
      const gone = () => deleteVersion(table, { ...change(), version: 1 });
      await expect(gone()).rejects.toMatchObject({
        name: 'ModelVersionInUse',
        message: expect.stringMatching(/champion/),
      });
      await recordLive(table, {
        ...change(),
        version: 1,
        rollout: 'rollout:default/one',
        action: 'rollout-completed',
      });
      await expect(gone()).rejects.toMatchObject({ message: expect.stringMatching(/it is live/) });
      await expect(deleteModel(table, change())).rejects.toMatchObject({ name: 'ModelInUse', kind: 'invalid' });
      await expect(renameModel(table, { ...change(), newName: 'snow' })).rejects.toMatchObject({ name: 'ModelInUse' });
    });

    test('a model takes its versions along; registered again it goes on with the next number', async () => {
      await model('rain', { tags: { a: '1' }, description: 'old' });
      await version();
      await version();
      await alias('best', 1);
      await deleteModel(table, change());
      expect(await modelFact(table, 'default', 'rain')).toBeUndefined();
      expect(await modelVersion(table, 'default', 'rain', 1)).toBeUndefined();
      expect(await findVersions(table, 'default')).toEqual([]);
      await expect(version()).rejects.toMatchObject({ name: 'ModelMissing' });
      await expect(deleteModel(table, { ...change(), at: LATER })).rejects.toMatchObject({ name: 'ModelMissing' });
      await model();
      expect(await showModel(table, 'default', 'rain')).toMatchObject({ head: { aliases: {} }, tags: {} });
      expect(await version()).toBe(3);
      expect(await modelVersion(table, 'default', 'rain', 1)).toBeUndefined();
      expect((await findVersions(table, 'default')).map(({ version: number }) => number)).toEqual([3]);
    });

    test('a model that a training registers again goes on as well', async () => {
      await model();
      await version();
      await deleteModel(table, change());
      expect(await registerModelVersion(table, aRegistration())).toEqual({ version: 2 });
      expect((await findVersions(table, 'default')).map(({ version: number }) => number)).toEqual([2]);
    });
  });

  describe('renaming', () => {
    const rename = (from: string, newName: string, at = AT) => renameModel(table, { ...change(from), newName, at });

    test('keeps versions, aliases, stages and tags, and the next number', async () => {
      await model('rain', { tags: { a: '1' }, description: 'd' });
      await version({ runId: 'r1', tags: { t: '1' } });
      await version();
      await alias('best', 1);
      await moveToStage(table, { ...named(2), stage: 'Production', at: AT });
      await rename('rain', 'snow');
      expect(await modelFact(table, 'default', 'rain')).toBeUndefined();
      expect(await showModel(table, 'default', 'snow')).toMatchObject({
        head: {
          model: 'snow',
          latestVersion: 2,
          aliases: { best: 1 },
          description: 'd',
          stages: { 2: { stage: 'Production' } },
        },
        tags: { a: '1' },
      });
      expect(await showTaggedVersion(table, named(1, 'snow'))).toMatchObject({
        fact: { runId: 'r1' },
        tags: { t: '1' },
      });
      expect((await findVersions(table, 'default', { runId: 'r1' })).map(({ model: of }) => of)).toEqual(['snow']);
      const next = await createCandidate(table, { ...change('snow'), source: 's3://b/k', token: 'next' });
      expect(next.version).toBe(3);
      expect(await actions('rain')).toContain('model-renamed');
    });

    test('told twice is done once; back again is its own name', async () => {
      await model();
      await version();
      await rename('rain', 'snow');
      await expect(rename('rain', 'snow')).resolves.toMatchObject({ model: 'snow' });
      await rename('snow', 'rain', LATER);
      expect(await modelVersion(table, 'default', 'rain', 1)).toMatchObject({ model: 'rain', version: 1 });
      expect(await version()).toBe(2);
    });

    test('is refused to a name that is taken, or was', async () => {
      await model();
      await model('snow');
      await expect(rename('rain', 'snow')).rejects.toMatchObject({ name: 'ModelExists', kind: 'exists' });
      await createCandidate(table, { ...change('snow'), source: 's3://b/k', token: 'one' });
      await deleteModel(table, change('snow'));
      await expect(rename('rain', 'snow')).rejects.toMatchObject({ message: expect.stringMatching(/had 1 versions/) });
    });

    test('is refused where others know the name: bundles, and more versions than one transaction moves', async () => {
      await registerModelVersion(table, aRegistration());
      await expect(rename('rain', 'snow')).rejects.toMatchObject({ name: 'ModelInUse' });
      await model('hail');
      for (let i = 0; i < 16; i++) {
        await createCandidate(table, { ...change('hail'), source: 's3://b/k', runId: 'r', token: `hail-${i}` });
      }
      await expect(rename('hail', 'snow')).rejects.toMatchObject({ name: 'ModelTooLarge' });
      await deleteVersion(table, { ...change('hail'), version: 16 });
      await expect(rename('hail', 'snow')).resolves.toMatchObject({ model: 'snow', latestVersion: 16 });
    });
  });

  describe('a candidate', () => {
    const events = async () =>
      (await readLedger(table, ref('model', 'default', 'rain'))).map(({ action, detail }) => [
        action,
        detail['version'],
      ]);
    const bundle = digestOf('bundle');
    const attach = (number: number) => {
      const { run, dataset, spec, metrics, gate } = aRegistration();
      return attachBundle(table, { ...change(), version: number, bundle, run, dataset, spec, metrics, gate });
    };

    test('may be champion at once, and its tag says what the wish waits for', async () => {
      await model();
      await version();
      await alias('champion', 1);
      expect(await modelFact(table, 'default', 'rain')).toMatchObject({ aliases: { champion: 1 } });
      expect((await showTaggedVersion(table, named(1))).tags).toEqual({
        'millrace.rollout': 'candidate: waits to become a bundle',
      });
      await explainCandidate(table, { ...named(1), why: 'no spec' });
      expect((await showTaggedVersion(table, named(1))).tags).toEqual({
        'millrace.candidate': 'no spec',
        'millrace.rollout': 'candidate: no spec',
      });
      await deleteAlias(table, { ...change(), alias: 'champion', caller: ENGINEER });
      expect((await showTaggedVersion(table, named(1))).tags).toEqual({ 'millrace.candidate': 'no spec' });
      expect((await events()).map(([action]) => action)).toEqual([
        'model-version-registered',
        'champion-chosen',
        'champion-withdrawn',
      ]);
    });

    test('waits for nothing once another one is champion', async () => {
      await model();
      await version();
      await version();
      await alias('champion', 1);
      await alias('champion', 2);
      expect((await showTaggedVersion(table, named(1))).tags).toEqual({});
      expect((await showTaggedVersion(table, named(2))).tags).toEqual({
        'millrace.rollout': 'candidate: waits to become a bundle',
      });
    });

    test('becomes a bundle once, and loses what it waited for', async () => {
      await model();
      await version();
      await explainCandidate(table, { ...named(1), why: 'no spec' });
      await attach(1);
      await attach(1);
      expect(await modelVersion(table, 'default', 'rain', 1)).toMatchObject({ bundle, tags: {} });
      await explainCandidate(table, { ...named(1), why: 'too late' });
      expect((await modelVersion(table, 'default', 'rain', 1))?.tags).toEqual({});
      expect((await actions()).filter((action) => action === 'model-version-bundled')).toHaveLength(1);
      await expect(
        attachBundle(table, { ...change(), ...aRegistration(), version: 1, bundle: digestOf('other') }),
      ).rejects.toMatchObject({ name: 'TokenReused' });
    });
  });
}
