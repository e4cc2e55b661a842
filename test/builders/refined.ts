import { curatedColumns, type DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import type { Manifest } from '../../lambdas/data/manifest.ts';
import type { Refined, RefineRequest } from '../../lambdas/data/ports.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { aSpec } from './dataset.ts';
import { aRefinery } from './refinery.ts';

/** What the real refinery makes of a file. */
export async function refined(
  file: string | Uint8Array,
  spec = aSpec(),
  at = aRefinery(),
  parent?: Manifest,
  { name = 'file.csv', ...more }: Partial<RefineRequest> & { name?: string } = {},
) {
  const key = `default/${spec.dataset}/2026-01-05/u/${name}`;
  await at.raw.put(key, file);
  return at.refinery.refine({
    ...{ workspace: 'default', object: { key }, spec, at: '2026-01-05T09:00:00.000Z', ...more },
    ...(parent && { parent }),
  });
}

/** The manifest of a dataset that has these files. */
export function manifestOf(spec: DatasetSpec, ...parts: Refined[]): Manifest {
  const files = parts.flatMap((part) => part.files);
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const { dataset, columns, split, partition } = spec;
  return {
    schema: 'millrace/manifest/1',
    workspace: 'default',
    dataset,
    spec: digestOf(''),
    columns: curatedColumns(columns),
    split,
    ...(partition && { partition }),
    files,
    rows,
  };
}
