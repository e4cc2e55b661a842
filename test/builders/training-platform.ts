import './one-realm.ts';

import { currentDatasetSpec, latestDatasetVersion } from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { ingestObject } from '../../lambdas/data/ingest.ts';
import { bundleKey, modelFact, modelVersion, type OpenBundle, openBundle } from '../../lambdas/registry/contract.ts';
import type { Digest } from '../../lambdas/shared/digest.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { proxiedLocation } from '../../lambdas/tracking/location.ts';
import { applySpec } from '../../lambdas/training/apply-spec.ts';
import type { Executions } from '../../lambdas/training/ports.ts';
import type { RunFact } from '../../lambdas/training/run.ts';
import { type RunWish, startRun } from '../../lambdas/training/start-run.ts';
import { keySigner } from '../fakes/key-signer.ts';

import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { trainingExecutions } from '../fakes/training-executions.ts';
import { weatherCsv, weatherSpecText } from './dataset.ts';
import { aRefinery } from './refinery.ts';
import { aTracking } from './tracking.ts';
import { rainSpecText } from './training-spec.ts';

export const AT = '2026-01-05T09:00:00.000Z';
const clock = () => new Date(AT);

/** A platform in memory that the real weather has landed on: real Parquet, real onnxruntime, a real key. */
export async function aTrainingPlatform({
  table = memoryTable() as Table,
  workspace = 'default',
  locate = proxiedLocation,
} = {}) {
  // Late, so that the runtime takes the typed arrays of this realm.
  const { onnxModel } = await import('../../lambdas/training/aws/onnx-model.ts');
  const { raw, curated, refinery } = aRefinery();
  const sign = keySigner();
  const executions = trainingExecutions();
  const { tracking, runs } = aTracking(clock, locate);
  const deps = {
    table,
    curated,
    artifacts: memoryObjects('artifacts'),
    bundles: memoryObjects('bundles'),
    loadModel: onnxModel,
    trainerCode: `sha256:${'c'.repeat(64)}` as Digest,
    node: '24.0.0',
    publicKeyPem: sign.publicKeyPem,
    sign,
    clock,
    tracking,
    runs,
    executions: executions as Executions,
  };
  let uploads = 0;
  return {
    ...deps,
    deps,
    sign,
    executions,
    workspace,
    /** Makes dataset `weather`; the same again changes nothing. */
    createWeather: () =>
      createDataset(table, { workspace, dataset: 'weather', text: weatherSpecText(), actor: 'token-1', at: AT }),
    /** Lands rows of the real file and gives the dataset's version with them in it. */
    async land(rows: Parameters<typeof weatherCsv>[0] = {}) {
      const key = `${workspace}/weather/2026-01-05/upload-${++uploads}/weather.csv`;
      const csv = weatherCsv(rows);
      await raw.put(key, csv);
      const outcome = await ingestObject(
        { table, curated, refinery, clock, partBytes: 1024 ** 3, prove: async () => true },
        { key, bytes: csv.length },
      );
      if (outcome.status !== 'succeeded') throw new Error(`ingestion: ${JSON.stringify(outcome)}`);
      return (await latestDatasetVersion(table, workspace, 'weather'))?.version as Digest;
    },
    apply: (text = rainSpecText(), files: Record<string, string> = {}) =>
      applySpec(
        { table, artifacts: deps.artifacts, datasetSpec: currentDatasetSpec, clock },
        { workspace, model: 'rain', text, commit: 'abcdef1', dirty: false, files, actor: 'token-1' },
      ),
    start: (wish: Partial<RunWish> = {}): Promise<RunFact> =>
      startRun(deps, { workspace, model: 'rain', dedupe: 'first', reason: 'asked for', actor: 'token-1', ...wish }),
  };
}
export type TrainingPlatform = Awaited<ReturnType<typeof aTrainingPlatform>>;

/** One of the two cities taught, judged and nothing else there yet: dataset version 1 of the demo. */
export async function aSeattlePlatform(given: Parameters<typeof aTrainingPlatform>[0] = {}): Promise<TrainingPlatform> {
  const platform = await aTrainingPlatform(given);
  await platform.createWeather();
  await platform.land({ location: 'Seattle' });
  await platform.apply();
  return platform;
}

/** A registered version's bundle, verified. */
export async function openVersion(
  { table, bundles, publicKeyPem }: TrainingPlatform,
  version: number,
): Promise<OpenBundle> {
  const { bundle } = (await modelVersion(table, 'default', 'rain', version)) ?? {};
  const read = (file: Parameters<typeof bundleKey>[2]) => bundles.get(bundleKey('default', bundle as Digest, file));
  return openBundle({ read, digest: bundle as Digest, publicKeyPem: await publicKeyPem() });
}

export const versionsOf = async ({ table }: TrainingPlatform): Promise<number> =>
  (await modelFact(table, 'default', 'rain'))?.latestVersion ?? 0;
