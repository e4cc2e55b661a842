import { createDataset } from '../../lambdas/data/dataset.ts';
import { requireDataset, specOf } from '../../lambdas/data/dataset-head.ts';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import type { EraseDeps } from '../../lambdas/data/erase-version.ts';
import { ingestionWrite } from '../../lambdas/data/ingestion.ts';
import { curatedKey, filePath, type ManifestFile } from '../../lambdas/data/manifest.ts';
import { registerVersion } from '../../lambdas/data/register-version.ts';
import { type DatasetVersionFact, numberedDatasetVersion } from '../../lambdas/data/versions.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { ErasableObjects } from '../../lambdas/shared/objects.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { aSpec } from './dataset.ts';

export const NOW = '2026-01-05T09:00:00.000Z';
export const NAMED = { workspace: 'default', dataset: 'things' };
export const ACT = { actor: 'ann', at: NOW };

export interface Stores {
  table: Table;
  curated: ErasableObjects;
}

/** Dataset `things` of snapshots. */
export async function aDatasetOfSnapshots(given: Partial<DatasetSpec> = {}, stores: Partial<Stores> = {}) {
  const table = memoryTable();
  const curated = memoryObjects('curated', () => new Date(NOW));
  const text = JSON.stringify(aSpec({ snapshot: true, ...given }));
  const world = { table, curated, ...stores };
  await createDataset(world.table, { workspace: 'default', dataset: 'things', text, actor: 'ann', at: NOW });
  return { table, curated };
}

export const eraseDeps = ({ table, curated }: Stores, budgetMs = 60_000): EraseDeps => ({
  table,
  curated,
  clock: () => new Date(NOW),
  budgetMs,
});

/** Content as the one file that holds it. */
export function fileOf(content: string): ManifestFile {
  const sha256 = digestOf(content);
  return { path: filePath('train', sha256), split: 'train', sha256, bytes: content.length, rows: 1 };
}
export const keyOf = (content: string): string => curatedKey(NAMED, fileOf(content));

/** Registers a version that consists of these files alone, as an ingestion does in one attempt. @throws DatasetContended */
export async function aSnapshot(
  { table, curated }: Stores,
  contents: readonly string[],
  at = NOW,
): Promise<DatasetVersionFact> {
  const { workspace, dataset } = NAMED;
  const head = await requireDataset(table, workspace, dataset);
  const files = contents.map(fileOf);
  for (const content of contents) await curated.create(keyOf(content), content);
  const uploadId = newId();
  const ended = await registerVersion(
    { table, curated },
    {
      workspace,
      head,
      spec: await specOf(table, workspace, head.spec),
      refined: {
        raw: { bytes: 1, sha256: digestOf(contents.join()) },
        rows: { given: 1, broken: 0, repeated: 0, fresh: contents.length, replaced: 0 },
        counts: [],
        sample: [],
        sampleRows: [],
        checks: [],
        superseded: [],
        files,
        columns: { size: { type: 'double', count: 1, nulls: 0 } },
      },
      ingestion: await runningIngestion(table, uploadId, at),
      ending: { repeated: 0, quarantined: 0 },
      at,
    },
  );
  return (await numberedDatasetVersion(table, workspace, dataset, ended.number as number)) as DatasetVersionFact;
}

async function runningIngestion(table: Table, uploadId: string, at: string) {
  const { dataset, workspace } = NAMED;
  const fact = {
    uploadId,
    dataset,
    status: 'running' as const,
    fileName: 'a.csv',
    key: `${workspace}/${dataset}/a.csv`,
  };
  const ingestion = { ...fact, bytes: 1, createdAt: at, updatedAt: at };
  await table.transact([ingestionWrite(workspace, undefined, ingestion)]);
  return ingestion;
}
