import { describe, expect, test } from '@jest/globals';
import type { EventBridgeEvent } from 'aws-lambda';
import { ref } from '../../lambdas/lineage/contract.ts';
import { walk } from '../../lambdas/lineage/graph.ts';
import { startTraining } from '../../lambdas/training/handlers/start-training.ts';
import { listRuns } from '../../lambdas/training/run-store.ts';
import { aSeattlePlatform } from '../builders/training-platform.ts';

const anEvent = (detail: Record<string, unknown> = {}) =>
  ({
    id: 'event-1',
    source: 'millrace.monitoring',
    'detail-type': 'RetrainingRequested',
    detail: {
      ...{ id: 'e1', workspace: 'default', model: 'rain', reason: 'wind has PSI 0.9', dedupe: 'retraining/rain/1' },
      ...{ retraining: 'rain/1' },
      ...detail,
    },
  }) as unknown as EventBridgeEvent<string, unknown>;

describe('a retraining that was asked for', () => {
  test('starts one run, however often the event arrives', async () => {
    const platform = await aSeattlePlatform();
    const consumer = startTraining.with(platform.deps);
    await Promise.all([consumer.handle(anEvent()), consumer.handle(anEvent())]);
    await consumer.handle(anEvent());
    const runs = await listRuns(platform.table, 'default', 'rain', 10);
    expect(runs).toMatchObject([{ status: 'running', reason: 'wind has PSI 0.9', actor: 'training/start-training' }]);
    expect(platform.executions.started().size).toBe(1);
    const { nodes } = await walk(platform.table, ref('run', 'default', runs[0]?.runId as string), {
      direction: 'upstream',
    });
    expect(nodes.map((node) => node.ref)).toContain('retraining:default/rain/1');
  });

  test('is another run when it was another decision', async () => {
    const platform = await aSeattlePlatform();
    const consumer = startTraining.with(platform.deps);
    await consumer.handle(anEvent());
    await consumer.handle(anEvent({ dedupe: 'retraining/rain/2' }));
    expect(await listRuns(platform.table, 'default', 'rain', 10)).toHaveLength(2);
  });

  test.each([
    ['that is none', { dedupe: undefined }, 'InvalidInput'],
    ['of a model without spec', { model: 'snow' }, 'SpecMissing'],
  ])('%s fails by name, so that it comes again and then waits in the dead letters', async (_, detail, name) => {
    const platform = await aSeattlePlatform();
    const handled = (async () => startTraining.with(platform.deps).handle(anEvent(detail)))();
    await expect(handled).rejects.toMatchObject({ name });
    expect(platform.executions.started().size).toBe(0);
  });
});
