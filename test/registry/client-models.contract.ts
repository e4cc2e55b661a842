import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  createCandidate,
  deleteModelTag,
  deleteVersionTag,
  describeModel,
  describeVersion,
  findVersions,
  modelFact,
  modelVersion,
  registerModelVersion,
  setModelTag,
  setVersionTag,
  showModel,
  showTaggedVersion,
} from '../../lambdas/registry/contract.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { clientModels } from '../builders/client-models.ts';
import { aRegistration } from '../builders/registration.ts';

const AT = '2026-01-06T09:00:00.000Z';
const LATER = '2026-01-06T09:00:01.000Z';

/** What models and versions made with a client must show on every table; `make` gives an empty one. */
export function clientModelsContract(make: () => Promise<Table>): void {
  let table: Table;
  const { change, model, version, named, actions } = clientModels(() => table);

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
}
