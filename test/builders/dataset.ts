import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';

const ROOT = join(import.meta.dirname, '../..');

export const weatherSpecText = (): string => readFileSync(join(ROOT, 'examples/weather/weather.yaml'), 'utf8');
export const weatherSpec = (): DatasetSpec => parseDatasetSpec(weatherSpecText());

let lines: readonly string[] | undefined;

/** Rows of the real file of package vega-datasets, as it is written there, with its header. */
export function weatherCsv({
  location,
  from = '',
  to = '9999',
}: {
  location?: string;
  from?: string;
  to?: string;
} = {}) {
  lines ??= readFileSync(join(ROOT, 'node_modules/vega-datasets/data/weather.csv'), 'utf8').trimEnd().split('\n');
  const rows = lines.slice(1).filter((line) => {
    const [place, date] = line.split(',') as [string, string];
    return (location === undefined || place === location) && date >= from && date <= to;
  });
  return `${[lines[0], ...rows].join('\n')}\n`;
}

/** A small spec of every column type: key `id`, split by `day` at 2020-01-01. */
export function aSpec(given: Partial<DatasetSpec> = {}): DatasetSpec {
  return {
    schema: 'millrace/dataset/1',
    dataset: 'things',
    owner: 'tests',
    columns: {
      id: { type: 'integer', role: 'key' },
      day: { type: 'date', role: 'feature' },
      size: { type: 'double', role: 'feature', min: 0, max: 100, nullable: true },
      kind: { type: 'string', role: 'feature', values: ['a', 'b'], nullable: true },
      good: { type: 'boolean', role: 'target', nullable: true },
      seen: { type: 'timestamp', role: 'ignored', nullable: true },
    },
    split: { by: 'day', testFrom: '2020-01-01' },
    ...given,
  };
}

/** The columns of `aSpec` in another order than by name, as files come. */
export const aCsv = (...rows: string[]): string => `${['id,day,size,kind,good,seen', ...rows].join('\n')}\n`;

/** A label set: photos of dataset `sky`, labelled by several, one label of each labeller. */
export function aLabelSpec(given: Partial<DatasetSpec> = {}): DatasetSpec {
  return {
    schema: 'millrace/dataset/1',
    dataset: 'sky-labels',
    owner: 'tests',
    columns: {
      photo: { type: 'string', role: 'key' },
      labeller: { type: 'string', role: 'key' },
      label: { type: 'string', role: 'target' },
      at: { type: 'date', role: 'ignored' },
    },
    split: { by: 'at', testFrom: '2020-01-01' },
    conflict: 'replace',
    labels: { of: 'sky', key: ['photo'], label: 'label', labeller: 'labeller' },
    ...given,
  };
}
