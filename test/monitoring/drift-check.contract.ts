import { beforeEach, describe, expect, test } from '@jest/globals';
import { readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { decideRetraining } from '../../lambdas/monitoring/decide-retraining.ts';
import type { DriftReport } from '../../lambdas/monitoring/drift-report.ts';
import { readFailure, readReport, readState } from '../../lambdas/monitoring/drift-state.ts';
import { findEndpoints } from '../../lambdas/monitoring/find-endpoints.ts';
import { listRetrainings } from '../../lambdas/monitoring/list-retrainings.ts';
import { type MeasureDeps, measureDrift } from '../../lambdas/monitoring/measure-drift.ts';
import { publishDrift } from '../../lambdas/monitoring/publish-drift.ts';
import { recordFailure } from '../../lambdas/monitoring/record-failure.ts';
import { bundleKey } from '../../lambdas/registry/contract.ts';
import { endpointFact } from '../../lambdas/serving/contract.ts';
import type { Digest } from '../../lambdas/shared/digest.ts';
import { normals } from '../builders/feature-table.ts';
import { aWatchedEndpoint } from '../builders/watched-endpoint.ts';
import { aWatchedWorld, type Rows, type Stores, type WatchedWorld } from '../builders/watched-world.ts';

/** Rows whose wind blows around `wind`; the same seed gives the same rows. */
function rowsOf(count: number, wind: number, seed = 1): Rows {
  const columns = [normals(seed, count, wind, 1), normals(seed + 1000, count, 15, 5)];
  return { features: { names: ['wind', 'temp_max'], columns }, answers: normals(seed + 2000, count, 0.5, 0.1) };
}

/** What the steps of a drift check must show over every pair of tables and zone. `make` gives empty ones. */
export function driftCheckContract(name: string, make: () => Promise<Stores>): void {
  describe(`a drift check over ${name}`, () => {
    let world: WatchedWorld;
    let deps: MeasureDeps;
    beforeEach(async () => {
      world = aWatchedWorld(await make());
      deps = { ...world, endpoints: [aWatchedEndpoint()] };
      await world.goLive(rowsOf(2000, 3));
      world.pass(60);
    });
    const measure = (check: string) => measureDrift(deps, { workspace: 'default', endpoint: 'rain', check });
    const find = () => findEndpoints(deps, {});
    const report = (check: string) => readReport(world.table, 'default', `rain/${check}`);

    test('finds nothing to do without rows', async () => {
      expect(await find()).toEqual({ checks: [] });
      expect(await measure('c1')).toMatchObject({ outcome: 'too-few', rows: 0 });
    });

    test('finds an endpoint with rows, and reports that they are calm', async () => {
      await world.arrive(rowsOf(400, 3, 7));
      expect(await find()).toEqual({ checks: [{ workspace: 'default', endpoint: 'rain' }] });
      expect(await measure('c1')).toMatchObject({ outcome: 'measured', rows: 400 });
      const { maxPsi, columns, output, rows } = (await report('c1')) as DriftReport;
      expect(maxPsi).toBeLessThan(0.1);
      expect(rows).toBe(400);
      expect(columns.map((column) => column.name)).toEqual(['wind', 'temp_max']);
      for (const { bins, missing } of [...columns, output]) {
        expect(bins.window.reduce((a, b) => a + b)).toBe(400);
        expect(bins.baseline.reduce((a, b) => a + b)).toBe(2000);
        expect(bins.edges).toHaveLength(bins.window.length - 1);
        expect(missing).toEqual({ baseline: 0, window: 0 });
      }
      await publishDrift({ table: world.table, publish: async () => {} }, { workspace: 'default', endpoint: 'rain' });
      expect(await find()).toEqual({ checks: [] });
    });

    test('old calm rows do not thin out new ones that drift, even within one window', async () => {
      await world.arrive(rowsOf(2000, 3, 7));
      await measure('c1');
      await publishDrift({ table: world.table, publish: async () => {} }, { workspace: 'default', endpoint: 'rain' });
      await world.arrive(rowsOf(365, 6, 8));
      const result = await measure('c2');
      expect(result).toMatchObject({ outcome: 'measured', rows: 365, worst: 'wind' });
      expect(await report('c2')).toMatchObject({ maxPsi: expect.any(Number), threshold: 0.2, modelVersion: 1 });
      expect((result as { maxPsi: number }).maxPsi).toBeGreaterThan(1);
    });

    test('too few rows wait and are judged together with the next ones', async () => {
      await world.arrive(rowsOf(150, 6, 7));
      expect(await measure('c1')).toEqual({ endpoint: 'rain', outcome: 'too-few', rows: 150, minRows: 200 });
      world.pass(3600);
      await world.arrive(rowsOf(50, 6, 8));
      expect(await measure('c2')).toMatchObject({ outcome: 'measured', rows: 200 });
    });

    test('the same check again gives the same report and judges nothing twice', async () => {
      await world.arrive(rowsOf(300, 3, 7));
      const first = await measure('c1');
      await world.arrive(rowsOf(300, 6, 8));
      expect(await measure('c1')).toEqual(first);
      expect(await report('c1')).toMatchObject({ rows: 300 });
    });

    test('several checks at the same time judge each row once', async () => {
      await world.arrive(rowsOf(300, 3, 7));
      const results = await Promise.allSettled(['c1', 'c2', 'c3', 'c4'].map(measure));
      const reports = new Set(
        results.map((each) =>
          each.status === 'fulfilled' && 'report' in each.value ? each.value.report : each.status,
        ),
      );
      reports.delete('rejected');
      expect(reports.size).toBe(1);
      for (const each of results) {
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ name: 'RowsContended' });
      }
    });

    test('a figure that was not published is found and published by the next check, before any new rows', async () => {
      await world.arrive(rowsOf(300, 6, 7));
      await measure('c1');
      const broken = { table: world.table, publish: () => Promise.reject(new Error('planned')) };
      await expect(publishDrift(broken, { workspace: 'default', endpoint: 'rain' })).rejects.toThrow('planned');
      expect(await find()).toEqual({ checks: [{ workspace: 'default', endpoint: 'rain' }] });
      expect(await measure('c2')).toMatchObject({ outcome: 'measured', report: 'rain/c1' });
      const published: [string, number][] = [];
      const good = { table: world.table, publish: async (...figure: [string, number]) => void published.push(figure) };
      expect(await publishDrift(good, { workspace: 'default', endpoint: 'rain' })).toEqual({ published: true });
      expect(await publishDrift(good, { workspace: 'default', endpoint: 'rain' })).toEqual({ published: false });
      expect(published).toEqual([['rain-drift', (await report('c1'))?.maxPsi]]);
    });

    test('another live version starts anew: rows of the one before are not its own', async () => {
      await world.arrive(rowsOf(150, 3, 7));
      world.pass(30);
      await world.goLive(rowsOf(2000, 6), { functionVersion: '2', modelVersion: 2 });
      await world.arrive(rowsOf(250, 6, 8));
      await world.arrive(rowsOf(99, 3, 9), '1');
      expect(await measure('c1')).toMatchObject({ outcome: 'measured', rows: 250 });
      expect(await report('c1')).toMatchObject({ functionVersion: '2', modelVersion: 2 });
      expect((await report('c1'))?.maxPsi).toBeLessThan(0.15);
    });

    test('a baseline whose bytes were changed is refused, and the rows stay unjudged', async () => {
      await world.arrive(rowsOf(300, 3, 7));
      const fact = await endpointFact(world.table, 'default', 'rain');
      const key = bundleKey('default', fact?.live?.bundle as Digest, 'baseline.json');
      const good = (await world.bundles.get(key)) as Uint8Array;
      await world.bundles.put(key, `${Buffer.from(good)} `);
      await expect(measure('c1')).rejects.toMatchObject({ name: 'BundleTampered' });
      expect(await readState(world.table, 'default', 'rain')).toBeUndefined();
      await world.bundles.put(key, good);
      expect(await measure('c2')).toMatchObject({ outcome: 'measured', rows: 300 });
    });

    test('a failure is one row for each endpoint, with what Lambda said', async () => {
      const failed = { workspace: 'default', endpoint: 'rain', check: 'c1', error: 'BundleTampered' };
      const cause = '{"errorType":"BundleTampered","errorMessage":"bundle sha256:…: is another","trace":[]}';
      expect(await recordFailure(deps, { ...failed, cause: 'plain text' })).toEqual({
        results: [{ endpoint: 'rain', outcome: 'failed', error: 'BundleTampered' }],
      });
      await recordFailure(deps, { check: 'c2', error: 'BundleTampered', cause });
      expect(await readFailure(world.table, 'default', 'rain')).toEqual({
        check: 'c2',
        error: 'BundleTampered',
        reason: 'bundle sha256:…: is another',
        at: world.clock().toISOString(),
      });
    });

    test('alarms that fire at the same time start one retraining, which names the report', async () => {
      await world.arrive(rowsOf(300, 6, 7));
      await measure('c1');
      const alarm = (minute: number) => ({
        endpoint: 'rain',
        state: 'alarm' as const,
        at: `2026-11-21T04:0${minute}:00.000Z`,
        reason: 'Threshold Crossed',
      });
      const decisions = await Promise.all(
        [1, 1, 2, 3].map((minute) => decideRetraining({ ...deps, cooldownMinutes: 60 }, alarm(minute))),
      );
      expect(decisions.filter(({ decision }) => decision === 'requested')).toHaveLength(1);
      const { retrainings } = await listRetrainings({ table: world.table }, { model: 'rain', limit: 10 }, 'default');
      expect(retrainings).toMatchObject([{ id: 'rain/1', report: 'rain/c1' }]);
      expect(await readLedger(world.table, ref('model', 'default', 'rain'))).toHaveLength(1);
    });
  });
}
