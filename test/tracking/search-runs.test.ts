import { describe, expect, test } from '@jest/globals';
import { trackingServer } from '../builders/tracking-server.ts';
import { memoryTable } from '../fakes/memory-table.ts';

type Server = ReturnType<typeof trackingServer>;
const idsOf = (answer: { body: { runs: { info: { run_id: string } }[] } }) =>
  answer.body.runs.map(({ info }) => info.run_id);

async function runsWith({ mlflow }: Server, accuracies: readonly number[]): Promise<string[]> {
  const made: string[] = [];
  for (const [i, value] of accuracies.entries()) {
    const { body } = await mlflow('POST', 'runs/create', { experiment_id: '0', start_time: i });
    made.push(body.run.info.run_id);
    const metrics = [{ key: 'acc', value: Number.isNaN(value) ? 'NaN' : value, timestamp: 1, step: 0 }];
    await mlflow('POST', 'runs/log-batch', { run_id: made[i], metrics, params: [{ key: 'i', value: String(i) }] });
  }
  return made;
}

describe('a search for runs', () => {
  test('gives the newest first, and what was written before it began', async () => {
    const server = trackingServer();
    const made = await runsWith(server, [1, 2, 3]);
    const search = (input: object = {}) => server.mlflow('POST', 'runs/search', { experiment_ids: ['0'], ...input });
    expect(idsOf(await search())).toEqual([...made].reverse());
    await server.mlflow('POST', 'runs/log-metric', { run_id: made[0], key: 'acc', value: 9, timestamp: 2, step: 1 });
    expect(idsOf(await search({ filter: 'metrics.acc > 5' }))).toEqual([made[0]]);
    await server.mlflow('POST', 'runs/delete', { run_id: made[0] });
    expect(idsOf(await search({ filter: 'metrics.acc > 5' }))).toEqual([]);
    expect(idsOf(await search({ run_view_type: 'DELETED_ONLY' }))).toEqual([made[0]]);
  });

  test('filters, orders with NaN and missing last, and pages to the end without a run twice', async () => {
    const server = trackingServer();
    const made = await runsWith(server, [0.5, Number.NaN, 0.9, 0.1, 0.9]);
    const order_by = ['metrics.acc DESC'];
    const found: string[] = [];
    let page_token: string | undefined;
    do {
      const input = { experiment_ids: ['0'], order_by, max_results: 2, page_token };
      const answer = await server.mlflow('POST', 'runs/search', input);
      found.push(...idsOf(answer));
      page_token = answer.body.next_page_token;
    } while (page_token);
    expect(found).toEqual([4, 2, 0, 3, 1].map((i) => made[i]));
    const other = { experiment_ids: ['0'], max_results: 2 };
    const { body } = await server.mlflow('POST', 'runs/search', other);
    const misused = await server.mlflow('POST', 'runs/search', {
      ...other,
      filter: "params.i = '1'",
      page_token: body.next_page_token,
    });
    expect(misused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  test('is cut where an answer is full, and goes on from there', async () => {
    const server = trackingServer();
    const { mlflow } = server;
    const made = await runsWith(
      server,
      Array.from({ length: 12 }, (_, i) => i),
    );
    for (const run_id of made) {
      const params = Array.from({ length: 90 }, (_, i) => ({ key: `long${i}`, value: 'x'.repeat(6000) }));
      await mlflow('POST', 'runs/log-batch', { run_id, params });
    }
    const found: string[] = [];
    let page_token: string | undefined;
    let pages = 0;
    do {
      const answer = await mlflow('POST', 'runs/search', { experiment_ids: ['0'], page_token });
      expect(answer.text.length).toBeLessThan(5_500_000);
      found.push(...idsOf(answer));
      page_token = answer.body.next_page_token;
      pages++;
    } while (page_token);
    expect(pages).toBeGreaterThan(1);
    expect(found).toEqual([...made].reverse());
  });

  test('finds in another function what this one has just written, with a snapshot between', async () => {
    const table = memoryTable();
    const first = trackingServer({ table });
    const made = await runsWith(first, [1, 2]);
    const search = (server: Server) => server.mlflow('POST', 'runs/search', { experiment_ids: ['0'] });
    const second = trackingServer({ table });
    expect(idsOf(await search(second))).toEqual([...made].reverse());
    const more = await runsWith(first, [3]);
    expect(new Set(idsOf(await search(second)))).toEqual(new Set([...more, ...made]));
  });
});

describe('a page that is asked for again', () => {
  test('reads the change log and no run, until a run changes', async () => {
    const calm = memoryTable();
    let read = 0;
    const counting = {
      ...calm,
      getMany: (keys: Parameters<typeof calm.getMany>[0]) => {
        read += keys.length;
        return calm.getMany(keys);
      },
    };
    let now = 1_800_000_000_000;
    const server = trackingServer({ table: counting, clock: () => new Date(now) });
    const made = await runsWith(server, [1, 2, 3]);
    now += 120_000;
    const search = async () => {
      read = 0;
      const answer = await server.mlflow('POST', 'runs/search', { experiment_ids: ['0'] });
      return { ids: idsOf(answer), read, runs: answer.body.runs };
    };
    await search();
    await expect(search()).resolves.toMatchObject({ ids: [...made].reverse(), read: 0 });
    await server.mlflow('POST', 'runs/log-metric', { run_id: made[1], key: 'acc', value: 7, timestamp: 2, step: 1 });
    const { read: again, runs } = await search();
    // The run once for the index, and once for the page.
    expect(again).toBe(4);
    expect(runs[1].data.metrics).toEqual([{ key: 'acc', value: 7, timestamp: 2, step: 1 }]);
    await server.mlflow('POST', 'experiments/delete', { experiment_id: '0' });
    await expect(search()).resolves.toMatchObject({ ids: [] });
  });
});
