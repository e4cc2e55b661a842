import { describe, expect, test } from '@jest/globals';
import { ConditionUnmet, type Table } from '../../lambdas/shared/table.ts';
import { asked } from '../builders/retrying-client.ts';
import { trackingServer } from '../builders/tracking-server.ts';
import { faultRate, faulty, seededRandom } from '../fakes/faulty.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];

describe('with three of ten calls to the table failing, before or after their effect', () => {
  test.each(SEEDS)('no run, value or param is lost or there twice (seed %i)', async (seed) => {
    const calm = memoryTable();
    const troubled = trackingServer({ table: faulty(calm, faultRate(0.3, seededRandom(seed))) });
    const read = trackingServer({ table: calm });
    const made: string[] = [];
    for (let i = 0; i < 4; i++) {
      const { status, body } = await asked(() => troubled.mlflow('POST', 'runs/create', { experiment_id: '0' }));
      expect(status).toBe(200);
      made.push(body.run.info.run_id);
    }
    const listed = calm.items().filter(({ pk, sk }) => pk.includes('#run#') && sk === 'a');
    expect(listed).toHaveLength(made.length);
    const [runId = ''] = made;
    // The user's thread beside the one that logs system metrics.
    const log = async (key: string) => {
      for (let step = 0; step < 120; step++) {
        const metrics = [{ key, value: step, timestamp: step, step }];
        const answer = await asked(() => troubled.mlflow('POST', 'runs/log-batch', { run_id: runId, metrics }));
        expect(answer.status).toBe(200);
      }
    };
    const params = async () => {
      for (let i = 0; i < 20; i++) {
        const input = { run_id: runId, key: `p${i}`, value: String(i) };
        expect((await asked(() => troubled.mlflow('POST', 'runs/log-parameter', input))).status).toBe(200);
      }
    };
    await Promise.all([log('loss'), log('system/cpu'), log('system/memory'), params()]);
    for (const metric_key of ['loss', 'system/cpu', 'system/memory']) {
      const { body } = await read.mlflow('GET', 'metrics/get-history', { run_id: runId, metric_key });
      expect(body.metrics.map(({ step }: { step: number }) => step)).toEqual(Array.from({ length: 120 }, (_, i) => i));
    }
    const { body } = await read.mlflow('GET', 'runs/get', { run_id: runId });
    expect(body.run.data.params).toHaveLength(20);
    expect(body.run.data.metrics.map(({ value }: { value: number }) => value)).toEqual([119, 119, 119]);
  });

  test.each(SEEDS)('an experiment is made once, numbers stay dense, and a tag goes once (seed %i)', async (seed) => {
    const calm = memoryTable();
    const troubled = trackingServer({ table: faulty(calm, faultRate(0.3, seededRandom(seed))) });
    const ids = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const { status, body } = await asked(() =>
          troubled.mlflow('POST', 'experiments/create', { name: `e${i}`, tags: [{ key: 'a', value: 'b' }] }),
        );
        expect(status).toBe(200);
        return Number(body.experiment_id);
      }),
    );
    expect(ids.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const gone = await asked(() =>
      troubled.mlflow('POST', 'experiments/delete-experiment-tag', { experiment_id: '1', key: 'a' }),
    );
    expect(gone.status).toBe(200);
  });
});

test('a tag is deleted once, although its answer was lost and another writer came in between', async () => {
  const calm = memoryTable();
  const other = trackingServer({ table: calm });
  const { body } = await other.mlflow('POST', 'runs/create', { tags: [{ key: 'a', value: 'b' }] });
  const runId = body.run.info.run_id;
  let lost = 0;
  const write: Table['write'] = async (one) => {
    await calm.write(one);
    if (!('put' in one) || one.put.sk !== 'a' || lost++ > 0) return;
    await other.mlflow('POST', 'runs/set-tag', { run_id: runId, key: 'other', value: 'x' });
    // As the service says it of a write that was sent again.
    throw new ConditionUnmet([0]);
  };
  const troubled = trackingServer({ table: { ...calm, write } });
  const remove = () => troubled.mlflow('POST', 'runs/delete-tag', { run_id: runId, key: 'a' });
  expect(await remove()).toMatchObject({ status: 200 });
  expect(lost).toBeGreaterThan(0);
  expect(await remove()).toMatchObject({ status: 404, body: { name: 'EntityTagMissing' } });
});
