import { describe, expect, test } from '@jest/globals';
import { type TrackingAnswer, trackingServer } from '../builders/tracking-server.ts';
import { faultRate, faulty, seededRandom } from '../fakes/faulty.ts';
import { memoryTable } from '../fakes/memory-table.ts';

/** A client that retries as MLflow's does: a POST too, after 429 and 5xx, up to seven times. */
async function asked(call: () => Promise<TrackingAnswer>): Promise<TrackingAnswer> {
  for (let retry = 0; ; retry++) {
    const answer = await call();
    if (answer.status < 500 && answer.status !== 429) return answer;
    if (retry === 7) throw new Error(`gave up: ${answer.text}`);
  }
}

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
