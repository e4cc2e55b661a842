import '../seed.ts';
import { describe, expect, test } from '@jest/globals';
import { ticking } from '../builders/ticking.ts';
import { trackingServer } from '../builders/tracking-server.ts';

describe('a search for experiments', () => {
  const names = (answer: { body: { experiments: { name: string }[] } }) =>
    answer.body.experiments.map(({ name }) => name);

  test('has Default from the first look on, newest first, by both methods', async () => {
    const { clock } = ticking();
    const { mlflow } = trackingServer({ clock });
    const first = await mlflow('POST', 'experiments/search', { max_results: 10 });
    expect(names(first)).toEqual(['Default']);
    for (const name of ['a', 'b']) await mlflow('POST', 'experiments/create', { name });
    expect(names(await mlflow('POST', 'experiments/search'))).toEqual(['b', 'a', 'Default']);
    expect(names(await mlflow('GET', 'experiments/search', { max_results: '2', order_by: ['name ASC'] }))).toEqual([
      'Default',
      'a',
    ]);
  });

  test('filters by view, name, tags and times', async () => {
    const { mlflow } = trackingServer();
    const ids: Record<string, string> = {};
    for (const name of ['rain', 'wind', 'gone']) {
      const tags = [{ key: 'team', value: name }];
      ids[name] = (await mlflow('POST', 'experiments/create', { name, tags })).body.experiment_id;
    }
    await mlflow('POST', 'experiments/delete', { experiment_id: ids['gone'] });
    const found = async (input: Record<string, unknown>) =>
      names(await mlflow('POST', 'experiments/search', { order_by: ['name'], ...input }));
    await expect(found({})).resolves.toEqual(['Default', 'rain', 'wind']);
    await expect(found({ view_type: 'DELETED_ONLY' })).resolves.toEqual(['gone']);
    await expect(found({ view_type: 3 })).resolves.toEqual(['Default', 'gone', 'rain', 'wind']);
    await expect(found({ filter: "name LIKE '%i%'" })).resolves.toEqual(['rain', 'wind']);
    await expect(found({ filter: "tags.team = 'wind' AND creation_time > 0" })).resolves.toEqual(['wind']);
    await expect(found({ filter: 'tags.team IS NULL' })).resolves.toEqual(['Default']);
    await expect(found({ filter: `experiment_id IN ('${ids['rain']}')` })).resolves.toEqual(['rain']);
  });

  test('goes on from page to page of the same search, with limits as MLflow has them', async () => {
    const { mlflow } = trackingServer();
    for (let i = 0; i < 5; i++) await mlflow('POST', 'experiments/create', { name: `e${i}` });
    const search = (input: Record<string, unknown>) => mlflow('POST', 'experiments/search', input);
    const query = { max_results: 4, order_by: ['name DESC'], filter: "name LIKE 'e%'" };
    const first = await search(query);
    expect(names(first)).toEqual(['e4', 'e3', 'e2', 'e1']);
    const page_token = first.body.next_page_token;
    const last = await search({ ...query, page_token });
    expect(names(last)).toEqual(['e0']);
    expect(last.body.next_page_token).toBeUndefined();
    await expect(search({ ...query, page_token, view_type: 'ALL' })).resolves.toMatchObject({ status: 400 });
    for (const [max_results, rule] of [
      [0, 'positive integer'],
      [-1, 'positive integer'],
      [50_001, 'at most 50000'],
    ] as const) {
      const { status, body } = await search({ max_results });
      expect([status, body.message]).toEqual([400, expect.stringContaining(rule)]);
    }
    const tags = Array.from({ length: 100 }, (_, i) => ({ key: `t${i}`, value: 'v'.repeat(20_000) }));
    for (let i = 0; i < 3; i++) await mlflow('POST', 'experiments/create', { name: `large${i}`, tags });
    const large = await search({ filter: "name LIKE 'large%'" });
    expect(large.body.experiments).toHaveLength(2);
    expect(large.body.next_page_token).toEqual(expect.any(String));
  });
});
