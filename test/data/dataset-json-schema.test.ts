import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { datasetJsonSchema, specFields } from '../../lambdas/data/dataset-json-schema.ts';
import { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { SPEC_FIELDS } from '../../lambdas/data/spec-fields.ts';
import { aLabelSpec, aSpec, weatherSpec } from '../builders/dataset.ts';
import { specTable } from '../builders/spec-table.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const shipped = JSON.parse(read('docs/schemas/dataset.schema.json')) as object;
// A day is held by a pattern as well, so the format need not be.
const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(shipped);

const column = (given: object) => ({ ...aSpec(), columns: { ...aSpec().columns, more: given } });
const checked = (check: object) => ({ ...aSpec(), checks: [check] });

describe('the JSON Schema of dataset specs', () => {
  test('that is shipped is the one that the code gives (millrace data schema)', () => {
    expect(shipped).toEqual(datasetJsonSchema());
  });

  test('describes every field, and no other', () => {
    const paths = specFields(datasetJsonSchema()).map(({ path }) => path);
    expect([...new Set(paths)].sort()).toEqual(Object.keys(SPEC_FIELDS).sort());
    for (const { path, schema } of specFields(datasetJsonSchema())) {
      expect([path, schema.description]).toEqual([path, SPEC_FIELDS[path]]);
    }
  });

  test('and docs/datasets.md list the same fields, in the same words', () => {
    const rows = read('docs/datasets.md')
      .split('\n## Every field\n')[1]
      ?.split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(specTable(datasetJsonSchema()));
  });

  test('takes every spec that stands in the documentation and the examples, as the platform does', () => {
    const blocks = [...read('docs/datasets.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text as string);
    const specs = [...blocks, read('examples/weather/weather.yaml')].map((text) => parse(text) as unknown);
    expect(specs.length).toBe(3);
    for (const spec of specs)
      expect([DatasetSpec.safeParse(spec).error, fits(spec), fits.errors]).toEqual([undefined, true, null]);
  });

  test.each<[string, unknown]>([
    ['a small spec', aSpec()],
    ['a label set', aLabelSpec()],
    ['every privacy rule', column({ type: 'double', role: 'feature', privacy: { action: 'round', to: 5 } })],
    ['a check of rows', checked({ rule: 'rows', name: 'size', atLeast: 1, level: 'warn' })],
    ['partitions', { ...aSpec(), partition: { by: 'day', every: 'month' } }],
    ['a split by hash', { ...aSpec(), split: { by: 'id', testPercent: 20, salt: 'x' } }],
    ['formats', { ...aSpec(), format: { type: 'csv', delimiter: ';', nulls: ['NA'] } }],
  ])('takes %s, as the platform does', (_what, spec) => {
    expect([DatasetSpec.safeParse(spec).success, fits(spec)]).toEqual([true, true]);
  });

  test.each<[string, unknown]>([
    ['no owner', { ...aSpec(), owner: undefined }],
    ['an unknown key', { ...aSpec(), colour: 1 }],
    ['an unknown key of a column', column({ type: 'double', role: 'feature', typ: 1 })],
    ['no column', { ...aSpec(), columns: {} }],
    ['501 columns', { ...aSpec(), columns: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`c${i}`, {}])) }],
    ['an unknown type', column({ type: 'float', role: 'feature' })],
    ['an unknown privacy rule', column({ type: 'string', role: 'feature', privacy: { action: 'hide' } })],
    ['rounding to nothing', column({ type: 'double', role: 'feature', privacy: { action: 'round', to: 0 } })],
    ['a check without a name', checked({ rule: 'sql', where: 'true', level: 'warn' })],
    ['a check of a file that quarantines', checked({ rule: 'rows', name: 'size', atLeast: 1, level: 'quarantine' })],
    ['a day that is none', { ...aSpec(), split: { by: 'day', testFrom: '2020-02-30' } }],
    ['a share of everything', { ...aSpec(), split: { by: 'id', testPercent: 100 } }],
    ['labels without a labeller', { ...aLabelSpec(), labels: { of: 'sky', key: ['photo'], label: 'label' } }],
    ['another schema', { ...aSpec(), schema: 'millrace/dataset/2' }],
  ])('refuses %s, as the platform does', (_what, spec) => {
    const asJson: unknown = JSON.parse(JSON.stringify(spec));
    expect([DatasetSpec.safeParse(asJson).success, fits(asJson)]).toEqual([false, false]);
  });

  test('is named by the weather example, for editors', () => {
    expect(read('examples/weather/weather.yaml').split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../docs/schemas/dataset.schema.json',
    );
    expect(fits(weatherSpec())).toBe(true);
  });
});
