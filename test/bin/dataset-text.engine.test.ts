import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { describeIngestion } from '../../bin/commands/data-put.ts';
import { describeDataset, describeManifest, describeVersions } from '../../bin/dataset-text.ts';
import type { DatasetSpec, IngestionView, VersionContent } from '../../lambdas/data/contract.ts';
import { weatherCsv, weatherSpec } from '../builders/dataset.ts';
import { profiledVersion } from '../builders/profiled-version.ts';

const spec: DatasetSpec = {
  ...weatherSpec(),
  legalBasis: 'none',
  partition: { by: 'date', every: 'year' },
  checks: [{ rule: 'rows', name: 'enough', atLeast: 10, level: 'refuse' }],
};
let version: VersionContent;
beforeAll(async () => {
  version = await profiledVersion(spec, weatherCsv());
});

const dataset = () => ({
  ...{ dataset: 'weather', spec, specDigest: version.fact.spec, createdAt: '2026-01-01T00:00:00.000Z' },
});

describe('a dataset in words', () => {
  test('is who owns it, what its columns must be, and its latest version', () => {
    const text = stripVTControlCharacters(describeDataset({ ...dataset(), latest: version.fact }));
    expect(text).toMatch(/^weather: .+\n/);
    expect(text).toContain(`owner       ${spec.owner}`);
    expect(text).toContain('partition   by year of date');
    expect(text).toMatch(/split +rows with date from \d{4}-\d\d-\d\d on judge/);
    expect(text).toContain(`latest      version 1, ${version.fact.version}`);
    expect(text).toMatch(/^temp_max +double +feature +°C/m);
    expect(text).toMatch(/^enough +rows +refuse$/m);
  });

  test('says that no file has been put yet', () => {
    expect(describeDataset(dataset())).toContain('no file has been put yet');
  });

  test('shows what a value may be and what is kept of it', () => {
    const columns: DatasetSpec['columns'] = {
      who: { type: 'string', role: 'subject', privacy: { action: 'pseudonym' } },
      born: { type: 'date', role: 'feature', privacy: { action: 'truncate', to: 'year' }, nullable: true },
      pulse: { type: 'integer', role: 'feature', min: 20, level: 'warn' },
      code: { type: 'string', role: 'feature', pattern: '[A-Z]' },
      kind: { type: 'string', role: 'feature', values: ['a', 'b'] },
    };
    const text = stripVTControlCharacters(describeDataset({ ...dataset(), spec: { ...spec, columns } }));
    expect(text).toMatch(/^who .* pseudonym$/m);
    expect(text).toMatch(/^born .* may be empty +truncate year$/m);
    expect(text).toMatch(/^pulse .* 20\.\., warn$/m);
    expect(text).toMatch(/^code .* \/\[A-Z\]\/$/m);
    expect(text).toMatch(/^kind .* a\|b$/m);
  });
});

test('versions say what is said of each', () => {
  const pin = { at: '', by: 'me', reason: 'audit' };
  const text = describeVersions([{ ...version.fact, tags: ['prod'], pin }]);
  expect(text).toMatch(/1 +sha256:[0-9a-f]{64} +2,922 +\d{4}-\d\d-\d\d \d\d:\d\d UTC +prod, pinned$/);
});

test('a manifest is its files with rows and sizes', () => {
  const text = stripVTControlCharacters(describeManifest(version.manifest, version.fact));
  expect(text).toMatch(/^weather version 1 \(sha256:[0-9a-f]{64}\): 2,922 rows in 1 file of [\d.]+ kB\n/);
  expect(text).toContain(version.manifest.files[0]?.path);
});

describe('an ingestion in words', () => {
  const ended: IngestionView = {
    ...{ uploadId: 'u1', dataset: 'weather', fileName: 'days.csv', key: 'k', bytes: 1, status: 'succeeded' },
    ...{ createdAt: '', updatedAt: '', number: 2, version: `sha256:${'0'.repeat(64)}` },
  };

  test('says what is new, what was known, what gave way, and how to see what was not taken', () => {
    const breaches = [{ column: 'wind', rule: 'range', level: 'quarantine', rows: 1 }] as const;
    const counts = { rows: 1200, repeated: 3, replaced: 1, quarantined: 1, breaches: [...breaches] };
    expect(stripVTControlCharacters(describeIngestion({ ...ended, ...counts })).split('\n')).toEqual([
      `days.csv: 1,200 rows new in weather version 2 (sha256:${'0'.repeat(64)})`,
      '3 rows there already',
      '1 row of the version before gave way',
      '1 row not taken',
      '  wind: 1 row breaks "range" (quarantine)',
      'millrace data quality weather --upload u1 shows which',
    ]);
  });

  test('of a file that brought nothing says so', () => {
    const text = describeIngestion({ ...ended, unchanged: true, rows: 0, repeated: 0 });
    expect(text).toBe(`days.csv: nothing new in weather version 2 (sha256:${'0'.repeat(64)})`);
  });
});
