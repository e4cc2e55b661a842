import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import type { Manifest } from '../../lambdas/data/manifest.ts';
import type { Refined } from '../../lambdas/data/ports.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { aSpec } from './dataset.ts';
import { aRefinery } from './refinery.ts';

const KEY = 'default/things/2026-01-05/u/file.csv';

/** What the real refinery makes of a file. */
export async function refined(csv: string | Uint8Array, spec = aSpec(), at = aRefinery(), parent?: Manifest) {
  await at.raw.put(KEY, csv);
  return at.refine({ workspace: 'default', object: { key: KEY }, spec, parent });
}

/** The manifest of a dataset that has these files. */
export function manifestOf(spec: DatasetSpec, ...parts: Refined[]): Manifest {
  const files = parts.flatMap((part) => part.files);
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const { dataset, columns, split } = spec;
  return {
    schema: 'millrace/manifest/1',
    workspace: 'default',
    dataset,
    spec: digestOf(''),
    columns,
    split,
    files,
    rows,
  };
}
