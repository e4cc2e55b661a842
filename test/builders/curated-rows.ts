import { parquetReadObjects } from 'hyparquet';
import type { ManifestFile } from '../../lambdas/data/manifest.ts';
import type { aRefinery } from './refinery.ts';

export type CuratedRow = Record<string, unknown> & { _split: string; _partition?: string | undefined };

/** The rows of curated files, each with where it lies. */
export async function curatedRows(
  { curated }: Pick<ReturnType<typeof aRefinery>, 'curated'>,
  dataset: string,
  files: readonly ManifestFile[],
): Promise<CuratedRow[]> {
  const rows: CuratedRow[] = [];
  for (const { path, split, partition } of files) {
    const bytes = (await curated.get(`default/${dataset}/${path}`)) as Uint8Array;
    for (const row of await parquetReadObjects({ file: new Uint8Array(bytes).buffer }))
      rows.push({ ...row, _split: split, ...(partition && { _partition: partition }) });
  }
  return rows;
}
