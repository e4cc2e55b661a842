import { bundleKey } from '../../lambdas/registry/contract.ts';
import { emptyWindow, endpointFact, type WindowStats, windowStart } from '../../lambdas/serving/contract.ts';
import { endpointWrite } from '../../lambdas/serving/endpoint-fact.ts';
import { storedWindow, windowWrite } from '../../lambdas/serving/window-store.ts';
import { canonicalJson, type Digest, digestOf } from '../../lambdas/shared/digest.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { type Baseline, binIndex, measureBaseline } from '../../lambdas/training/baseline.ts';
import type { FeatureTable } from '../../lambdas/training/feature-table.ts';
import { aBundle } from './bundle.ts';

export interface Stores {
  table: Table;
  windows: Table;
  bundles: ObjectStore;
}

/** Rows as they arrive at an endpoint: features, and the answer to each. */
export interface Rows {
  features: FeatureTable;
  answers: Float64Array;
}

/** An endpoint with a live bundle, and time that stands still until it is moved. */
export interface WatchedWorld extends Stores {
  clock: () => Date;
  pass(seconds: number): void;
  /** Rows predicted now by a version (the live one). */
  arrive(rows: Rows, functionVersion?: string): Promise<void>;
  goLive(baselineOf: Rows, deployment?: { functionVersion: string; modelVersion: number }): Promise<Digest>;
}

export function aWatchedWorld(stores: Stores, endpoint = 'rain'): WatchedWorld {
  let now = Date.parse('2026-11-21T04:00:00.000Z');
  let baseline: Baseline | undefined;
  let live = '1';
  return {
    ...stores,
    clock: () => new Date(now),
    pass(seconds) {
      now += seconds * 1000;
    },
    async goLive(rows, { functionVersion, modelVersion } = { functionVersion: '1', modelVersion: 1 }) {
      baseline = measureBaseline(rows.features, 'probability', rows.answers);
      live = functionVersion;
      const bundle = await putBundle(stores.bundles, JSON.stringify(baseline));
      const since = new Date(now).toISOString();
      const deployment = {
        functionVersion,
        modelVersion,
        bundle,
        rollout: `rollout-${functionVersion}`,
        codeSha256: 'code',
        since,
      };
      const before = await endpointFact(stores.table, 'default', endpoint);
      const fact = { endpoint, model: 'rain', live: deployment, kept: [], revision: before?.revision ?? 0 };
      await stores.table.transact([endpointWrite('default', fact)]);
      return bundle;
    },
    async arrive(rows, functionVersion = live) {
      if (!baseline) throw new Error('nothing is live that could count rows');
      const key = { workspace: 'default', endpoint, functionVersion, start: windowStart(now), part: 0 };
      const added = countRows(baseline, rows);
      const stored = await storedWindow(stores.windows, key);
      await stores.windows.transact([windowWrite(key, stored, added, new Date(now))]);
    },
  };
}

/** What of a bundle a drift check reads. */
async function putBundle(bundles: ObjectStore, baseline: string): Promise<Digest> {
  const { manifest } = aBundle();
  const text = canonicalJson({ ...manifest, baseline: digestOf(baseline) });
  const digest = digestOf(text);
  await bundles.put(bundleKey('default', digest, 'bundle.json'), text);
  await bundles.put(bundleKey('default', digest, 'baseline.json'), baseline);
  return digest;
}

function countRows({ features, output }: Baseline, rows: Rows): WindowStats {
  const count = (edges: readonly number[], values: Float64Array) => {
    const counts = new Array<number>(edges.length + 2).fill(0);
    for (const value of values) {
      const bin = binIndex(edges, Math.fround(value));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts;
  };
  return {
    ...emptyWindow(),
    requests: 1,
    rows: rows.answers.length,
    features: Object.fromEntries(
      features.map(({ name, edges }, j) => [name, count(edges, rows.features.columns[j] as Float64Array)]),
    ),
    outputs: count(output.edges, rows.answers),
  };
}
