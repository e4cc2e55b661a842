import { beforeEach, describe, expect, test } from '@jest/globals';
import { datasetVersionRef } from '../../lambdas/data/contract.ts';
import { ref } from '../../lambdas/lineage/contract.ts';
import { walk } from '../../lambdas/lineage/graph.ts';
import { type Digest, digestOf } from '../../lambdas/shared/digest.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { endRun } from '../../lambdas/training/end-run.ts';
import { listRuns, requireRun } from '../../lambdas/training/run-store.ts';
import { requestTraining, startRun } from '../../lambdas/training/start-run.ts';
import { rainSpecText } from '../builders/training-spec.ts';
import { aTrainingWorkspace, type TrainingWorkspace } from '../builders/training-workspace.ts';

/** What runs must show on every table. Each test has a workspace of its own in it. */
export function runStoreContract(make: () => Promise<Table>): void {
  let table: Table;
  let version: Digest;
  let { workspace, deps, executions, apply, start, land } = {} as TrainingWorkspace;
  beforeEach(async () => {
    table = await make();
    ({ workspace, deps, executions, apply, start, land } = await aTrainingWorkspace(table));
    await apply();
    version = await land(1);
  });
  const fail = (runId: string, attempt = 1) =>
    endRun(deps, { workspace, runId, attempt }, { status: 'failed', error: { name: 'Broken', message: 'it broke' } });

  describe('runs', () => {
    test('are written with what they train on before they are started', async () => {
      const run = await start();
      expect(run).toMatchObject({
        ...{ model: 'rain', status: 'running', attempt: 1, dataset: 'weather', datasetVersion: version },
        ...{ commit: 'abcdef1', dirty: false, reason: 'asked for', actor: 'token-1' },
      });
      expect(await requireRun(table, workspace, run.runId)).toEqual(run);
      expect([...executions.started()]).toEqual([[`${run.runId}-1`, { workspace, runId: run.runId, attempt: 1 }]]);
    });

    test('lead to their data, spec, commit and the retraining that they came of', async () => {
      const run = await start({ retraining: 'rain/1' });
      const { edges } = await walk(table, ref('run', workspace, run.runId), { direction: 'upstream' });
      expect(edges.map(({ relation, to }) => [relation, to])).toEqual(
        expect.arrayContaining([
          ['read', datasetVersionRef(workspace, 'weather', version)],
          ['derived-from', ref('spec', workspace, run.spec)],
          ['derived-from', ref('code', workspace, 'abcdef1')],
          ['caused-by', ref('retraining', workspace, 'rain/1')],
        ]),
      );
    });

    test('asked for again are the same run, also when asked ten times at once', async () => {
      const runs = await Promise.all(Array.from({ length: 10 }, () => start()));
      expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
      expect(executions.started().size).toBe(1);
      expect(await listRuns(table, workspace, 'rain', 20)).toHaveLength(1);
    });

    test('train on the latest version, or on the one that was asked for', async () => {
      const second = await land(2);
      expect((await start()).datasetVersion).toBe(second);
      expect((await start({ dedupe: 'other', datasetVersion: version })).datasetVersion).toBe(version);
    });

    test('keep their spec and data when others are applied and landed meanwhile', async () => {
      const before = await start();
      await apply(rainSpecText().replace('l2: 1', 'l2: 2'));
      await land(2);
      expect(await start()).toEqual(before);
    });

    test('of a dedupe key that belongs to other data are refused', async () => {
      await start();
      await expect(start({ datasetVersion: await land(2) })).rejects.toMatchObject({ name: 'RunDedupeReused' });
    });

    test('of a model without spec, or of data that does not exist, are refused by name', async () => {
      await expect(start({ model: 'snow' })).rejects.toMatchObject({ name: 'SpecMissing' });
      await expect(start({ datasetVersion: digestOf('none') })).rejects.toMatchObject({
        name: 'TrainingDatasetMissing',
      });
      expect(executions.started().size).toBe(0);
    });

    test('that ended failed have a new attempt when they are asked for again', async () => {
      const { runId } = await start();
      await fail(runId);
      const again = await start();
      expect(again).toMatchObject({ runId, attempt: 2, status: 'running' });
      expect(again.error).toBeUndefined();
      expect([...executions.started().keys()]).toEqual([`${runId}-1`, `${runId}-2`]);
    });

    test('that ended failed have one new attempt, however many ask', async () => {
      const { runId } = await start();
      await fail(runId);
      const runs = await Promise.all(Array.from({ length: 6 }, () => start()));
      expect(runs.map(({ attempt }) => attempt)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(executions.started().size).toBe(2);
    });

    test('whose execution died before it could say so have a new attempt', async () => {
      const { runId } = await start();
      executions.end(`${runId}-1`, 'failed');
      expect(await start()).toMatchObject({ runId, attempt: 2, status: 'running' });
    });

    test('under way are left alone', async () => {
      const run = await start();
      expect(await start()).toEqual(run);
      expect(executions.started().size).toBe(1);
    });

    test('that were written and never started are started by the next who asks', async () => {
      const refusing = { ...deps, executions: { ...executions, start: () => Promise.reject(new Error('gone')) } };
      const wish = { workspace, model: 'rain', dedupe: 'first', reason: 'asked for', actor: 'token-1' };
      await expect(startRun(refusing, wish)).rejects.toThrow('gone');
      const { runId } = await start();
      expect([...executions.started().keys()]).toEqual([`${runId}-1`]);
    });

    test.each([['succeeded'], ['rejected']] as const)('that %s stay so, whoever asks or reports', async (status) => {
      const { runId } = await start();
      const gate = { passed: status === 'succeeded', checks: [] };
      const metrics = { auc: 0.77 };
      const won = { bundle: digestOf('bundle'), version: 1 };
      const ending = status === 'succeeded' ? { status, ...won, metrics, gate } : { status, metrics, gate };
      const ended = await endRun(deps, { workspace, runId, attempt: 1 }, ending);
      expect(ended).toMatchObject({ status, metrics, endedAt: expect.any(String) });
      expect(await fail(runId)).toEqual(ended);
      expect(await start()).toEqual(ended);
      expect(executions.started().size).toBe(1);
    });

    test('take no word of an attempt that another has replaced', async () => {
      const { runId } = await start();
      await fail(runId);
      const second = await start();
      expect(await fail(runId, 1)).toEqual(second);
    });

    test('say why they failed, and keep it', async () => {
      const { runId } = await start();
      await fail(runId);
      expect(await requireRun(table, workspace, runId)).toMatchObject({
        ...{ status: 'failed', error: { name: 'Broken', message: 'it broke' } },
      });
    });

    test('of a model are listed newest first', async () => {
      const ids = [];
      for (const dedupe of ['a', 'b', 'c']) ids.push((await start({ dedupe })).runId);
      expect((await listRuns(table, workspace, 'rain', 2)).map(({ runId }) => runId)).toEqual([ids[2], ids[1]]);
    });

    test('asked for without a key are a run each', async () => {
      const wish = { workspace, model: 'rain', reason: 'asked for', actor: 'token-1' };
      const one = await requestTraining({ ...deps, newId }, wish);
      const other = await requestTraining({ ...deps, newId }, wish);
      expect(one.runId).not.toBe(other.runId);
    });

    test('of another workspace are nobody’s business', async () => {
      const { runId } = await start();
      await expect(requireRun(table, 'elsewhere', runId)).rejects.toMatchObject({ name: 'RunMissing' });
    });
  });
}
