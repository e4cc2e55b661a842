import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { aSpec } from './dataset.ts';

/** A collection of objects with a label, split by path. */
export const aCollectionSpec = (given: Partial<DatasetSpec> = {}): DatasetSpec =>
  aSpec({
    format: { type: 'objects' },
    snapshot: true,
    columns: {
      path: { type: 'string', role: 'key' },
      sha256: { type: 'string', role: 'ignored' },
      bytes: { type: 'integer', role: 'ignored' },
      mediaType: { type: 'string', role: 'ignored' },
      label: { type: 'string', role: 'target', nullable: true },
    },
    split: { by: 'path', testPercent: 20 },
    ...given,
  });
