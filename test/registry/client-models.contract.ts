import { beforeEach, describe, expect, test } from '@jest/globals';
import { readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import {
  attachBundle,
  type Candidate,
  createCandidate,
  createModel,
  deleteAlias,
  deleteModel,
  deleteModelTag,
  deleteVersion,
  deleteVersionTag,
  describeModel,
  describeVersion,
  explainCandidate,
  findVersions,
  modelFact,
  modelVersion,
  moveToStage,
  recordLive,
  registerModelVersion,
  renameModel,
  setAlias,
  setChampion,
  setModelTag,
  setVersionTag,
  showModel,
  showTaggedVersion,
} from '../../lambdas/registry/contract.ts';
import { latestByStage } from '../../lambdas/registry/stage.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { aRegistration } from '../builders/registration.ts';

const AT = '2026-01-06T09:00:00.000Z';
const LATER = '2026-01-06T09:00:01.000Z';
const ENGINEER = { tokenId: 't-1', roles: ['engineer'], workspaces: ['*'] };

/** What models and versions made with a client must show on every table; `make` gives an empty one. */
export function clientModelsContract(make: () => Promise<Table>): void {
  let table: Table;
  let tokens = 0;
  const change = (model = 'rain') => ({ workspace: 'default', model, actor: 't-1', at: AT });
  const model = (name = 'rain', more = {}) =>
    createModel(table, { ...change(name), token: `model-${++tokens}`, ...more });
  const version = async (given: Partial<Candidate> = {}) =>
    (
      await createCandidate(table, {
        ...change(),
        source: 'mlflow-artifacts:/1/models/m-1/artifacts',
        token: `version-${++tokens}`,
        ...given,
      })
    ).version;
  const named = (number: number, name = 'rain') => ({ workspace: 'default', model: name, version: number });
  const alias = (name: string, number: number) =>
    setAlias(table, { ...named(number), alias: name, caller: ENGINEER, at: AT });
  const actions = async (name = 'rain') =>
    (await readLedger(table, ref('model', 'default', name))).map(({ action }) => action);

  beforeEach(async () => {
    table = await make();
  });

  describe('a model without versions', () => {
    test('is there with its description, tags, times and user', async () => {
      await model('rain', { description: 'will it rain', tags: { team: 'blue' } });
      expect(await showModel(table, 'default', 'rain')).toEqual({
        head: expect.objectContaining({
          model: 'rain',
          latestVersion: 0,
          description: 'will it rain',
          createdAt: AT,
          updatedAt: AT,
          user: 't-1',
        }),
        tags: { team: 'blue' },
      });
    });

    test('is made once, and found by the retry of the request that made it', async () => {
      await model('rain', { token: 'same' });
      await expect(model('rain', { token: 'same' })).resolves.toMatchObject({ model: 'rain' });
      await expect(model()).rejects.toMatchObject({
        name: 'ModelExists',
        message: 'Registered Model (name=rain) already exists.',
      });
    });

    test.each([
      ['spaces', 'a b'],
      ['letters of any script', 'Ünï-模型'],
      ['256 characters', 'x'.repeat(256)],
      ['256 characters of two bytes', 'ä'.repeat(256)],
      ['what divides keys', 'a#b'],
      ['a hyphen first', '-flag'],
    ])('may have a name with %s', async (_, name) => {
      await model(name);
      const made = await createCandidate(table, { ...change(name), source: 's3://b/k', token: 'one' });
      expect(await modelVersion(table, 'default', name, made.version)).toMatchObject({ model: name, version: 1 });
      expect((await findVersions(table, 'default', { models: [name] })).map(({ model: of }) => of)).toEqual([name]);
    });

    test.each([
      ['nothing in it', ''],
      ['spaces alone', ' '],
      ['a slash', 'a/b'],
      ['a colon', 'a:b'],
      ['this folder', '.'],
      ['the folder above', '..'],
      ['a control character', 'a\u0000b'],
      ['half a character', '\ud800'],
      ['257 characters', 'x'.repeat(257)],
      ['257 characters of three bytes', '模'.repeat(257)],
    ])('has no name with %s', async (_, name) => {
      await expect(model(name)).rejects.toMatchObject({ name: 'ModelNameInvalid', kind: 'invalid' });
    });

    test('has a description that changes, with the time of it', async () => {
      await model();
      await describeModel(table, { ...change(), description: 'other', at: LATER });
      expect(await modelFact(table, 'default', 'rain')).toMatchObject({ description: 'other', updatedAt: LATER });
    });
  });

  describe('a version made with a client', () => {
    test('has the next number, beside those that were trained', async () => {
      await registerModelVersion(table, aRegistration());
      expect(await version({ runId: 'r1', modelId: 'm-1', description: 'first', tags: { a: '1' } })).toBe(2);
      expect(await modelVersion(table, 'default', 'rain', 2)).toEqual({
        model: 'rain',
        version: 2,
        source: 'mlflow-artifacts:/1/models/m-1/artifacts',
        runId: 'r1',
        modelId: 'm-1',
        description: 'first',
        tags: { a: '1' },
        user: 't-1',
        registeredAt: AT,
      });
      expect(await registerModelVersion(table, aRegistration({ token: 'third' }))).toEqual({ version: 3 });
      expect(await actions()).toEqual([
        'model-version-registered',
        'model-version-registered',
        'model-version-registered',
      ]);
    });

    test('asks for a model that is there', async () => {
      await expect(version()).rejects.toMatchObject({
        name: 'ModelMissing',
        message: 'Registered Model with name=rain not found',
      });
    });

    test('is found by its run, its model and the workspace, and by nothing of another', async () => {
      await model();
      await model('rain-2');
      await version({ runId: 'r1' });
      await createCandidate(table, { ...change('rain-2'), source: 's3://b/k', runId: 'r1', token: 'x' });
      const names = async (given: Parameters<typeof findVersions>[2]) =>
        (await findVersions(table, 'default', given)).map((found) => `${found.model}/${found.version}`).sort();
      expect(await names({})).toEqual(['rain-2/1', 'rain/1']);
      expect(await names({ models: ['rain'] })).toEqual(['rain/1']);
      expect(await names({ runId: 'r1' })).toEqual(['rain-2/1', 'rain/1']);
      expect(await names({ runId: 'r1', models: ['rain'] })).toEqual(['rain/1']);
      expect(await names({ runId: 'r2' })).toEqual([]);
      expect(await findVersions(table, 'blue')).toEqual([]);
    });

    test('that a trainer made before there was an index is found as well', async () => {
      await registerModelVersion(table, aRegistration());
      const key = { pk: 'default#model#rain', sk: 'fact' };
      const {
        indexedFrom: _i,
        createdAt: _c,
        updatedAt: _u,
        ...old
      } = (await table.get(key)) as never as Record<string, never>;
      await table.transact([
        { put: { ...key, ...old } },
        { remove: { pk: 'default#model-versions#all', sk: 'rain/000000001' } },
      ]);
      expect(await findVersions(table, 'default')).toHaveLength(1);
      await version();
      expect(await findVersions(table, 'default', { models: ['rain'] })).toHaveLength(2);
    });

    test('changes its description, and no other version does', async () => {
      await model();
      await version();
      await version();
      await describeVersion(table, { ...named(1), description: 'told', at: LATER });
      expect(await modelVersion(table, 'default', 'rain', 1)).toMatchObject({ description: 'told', updatedAt: LATER });
      expect((await modelVersion(table, 'default', 'rain', 2))?.description).toBeUndefined();
    });
  });

  describe('tags', () => {
    const LONG = '雨'.repeat(100_000);

    test('of 100,000 characters stand beside short ones, and come back whole', async () => {
      await model('rain', { tags: { text: LONG, short: 's' } });
      await version({ tags: { text: LONG } });
      await setVersionTag(table, { ...named(1), key: 'more', value: LONG });
      await setModelTag(table, { workspace: 'default', model: 'rain', key: 'more', value: 'm' });
      expect((await showModel(table, 'default', 'rain')).tags).toEqual({ text: LONG, short: 's', more: 'm' });
      expect((await showTaggedVersion(table, named(1))).tags).toEqual({ text: LONG, more: LONG });
      expect(JSON.stringify(await modelFact(table, 'default', 'rain')).length).toBeLessThan(1000);
    });

    test('change from long to short and back, and go', async () => {
      await model();
      await version();
      const tags = async () => (await showTaggedVersion(table, named(1))).tags;
      await setVersionTag(table, { ...named(1), key: 'k', value: LONG });
      await setVersionTag(table, { ...named(1), key: 'k', value: 'short' });
      expect(await tags()).toEqual({ k: 'short' });
      await setVersionTag(table, { ...named(1), key: 'k', value: LONG });
      await deleteVersionTag(table, { ...named(1), key: 'k' });
      await deleteVersionTag(table, { ...named(1), key: 'never there' });
      expect(await tags()).toEqual({});
      await setModelTag(table, { workspace: 'default', model: 'rain', key: 'k', value: 'v' });
      await deleteModelTag(table, { workspace: 'default', model: 'rain', key: 'k' });
      expect((await showModel(table, 'default', 'rain')).tags).toEqual({});
    });

    test.each([
      ['a value of one character more', 'k', 'x'.repeat(100_001), /exceeds the maximum length of 100000/],
      ['a prompt of one character more', 'mlflow.prompt.text', 'x'.repeat(100_001), /Prompt text exceeds max length/],
      ['a key of one character more', 'k'.repeat(251), 'v', /exceeds the maximum length of 250/],
      ['a key that is a path upwards', '../k', 'v', /must not resolve to other names/],
      ['a key with a bracket', 'a[b]', 'v', /Names may only contain/],
    ])('refuse %s', async (_, key, value, message) => {
      await model();
      await version();
      const refused = { name: 'ModelTagInvalid', kind: 'invalid', message: expect.stringMatching(message) };
      await expect(setVersionTag(table, { ...named(1), key, value })).rejects.toMatchObject(refused);
      await expect(setModelTag(table, { workspace: 'default', model: 'rain', key, value })).rejects.toMatchObject(
        refused,
      );
      await expect(version({ tags: { [key]: value } })).rejects.toMatchObject(refused);
    });

    test('that begin with millrace. are the platform’s: nobody sets or deletes them, and a copy goes without', async () => {
      await model();
      expect(await version({ tags: { 'millrace.rollout': 'completed', a: '1' } })).toBe(1);
      expect((await showTaggedVersion(table, named(1))).tags).toEqual({ a: '1' });
      const own = { key: 'millrace.rollout', value: 'v' };
      const refused = { name: 'ModelTagInvalid', message: expect.stringMatching(/written by the platform only/) };
      await expect(setVersionTag(table, { ...named(1), ...own })).rejects.toMatchObject(refused);
      await expect(deleteVersionTag(table, { ...named(1), ...own })).rejects.toMatchObject(refused);
      await expect(setModelTag(table, { workspace: 'default', model: 'rain', ...own })).rejects.toMatchObject(refused);
    });

    test('are at most 200 on one thing', async () => {
      const tags = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`tag-${i}`, 'v']));
      await model('rain', { tags });
      const more = setModelTag(table, { workspace: 'default', model: 'rain', key: 'one-more', value: 'v' });
      await expect(more).rejects.toMatchObject({
        name: 'ModelTagInvalid',
        message: 'tags: got 201, at most 200 stand on one thing',
      });
    });
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
      expect((await events()).map(([action]) => action)).toEqual([
        'model-version-registered',
        'champion-chosen',
        'champion-withdrawn',
      ]);
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
