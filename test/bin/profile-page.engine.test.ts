import { describe, expect, test } from '@jest/globals';
import { sidesOf, versionNamed } from '../../bin/commands/data-profile.ts';
import { shownNumber, shownShare } from '../../bin/figures-text.ts';
import { profilePage } from '../../bin/profile-page/page.ts';
import { type DatasetSpec, diffVersions, type QualityReport } from '../../lambdas/data/contract.ts';
import { profiledVersion } from '../builders/profiled-version.ts';

/** Names and values that would break out of a page that trusts them. */
const NASTY = '</style><script>alert(1)</script>"\'&';

/** The schema refuses such a name today; the page does not count on it. */
const spec: DatasetSpec = {
  schema: 'millrace/dataset/1',
  dataset: 'things',
  owner: `<img src=x onerror=alert(2)> & sons`,
  source: 'https://example.org/?a=1&b="2"',
  columns: {
    [NASTY]: { type: 'string', role: 'feature', nullable: true },
    id: { type: 'integer', role: 'key' },
    size: { type: 'double', role: 'feature', unit: '<mm>', nullable: true },
    weight: { type: 'double', role: 'target' },
    day: { type: 'date', role: 'timestamp' },
    good: { type: 'boolean', role: 'feature' },
  },
  split: { by: 'day', testFrom: '2020-01-01' },
};
const csv = (rows: number) =>
  [
    [`"${NASTY.replaceAll('"', '""')}"`, 'id', 'size', 'weight', 'day', 'good'].join(','),
    ...Array.from({ length: rows }, (_, i) =>
      [
        i % 3 ? '"<b>bold</b>"' : '',
        i,
        i % 4 ? i / 7 : '',
        i * 2,
        `2019-01-${String((i % 28) + 1).padStart(2, '0')}`,
        i % 2 === 0,
      ].join(','),
    ),
  ].join('\n');

/** On a file of seven rows, of which two were not taken. */
const aReport: QualityReport = {
  schema: 'millrace/quality/1',
  ...{ workspace: 'default', dataset: 'things', uploadId: 'u', key: 'default/things/2026-01-01/u/a.csv' },
  verdict: 'quarantined',
  rows: { given: 7, fresh: 5, repeated: 0, broken: 2, replaced: 0 },
  rules: [],
  counts: [{ column: 'size', rule: 'range', level: 'quarantine', rows: 2 }],
  sample: [{ row: 3, column: 'size', rule: 'range', level: 'quarantine', value: '<b>-1</b>' }],
  sampleRows: [],
  truncated: true,
  checks: [],
};

describe('the page of a dataset version', () => {
  const pageOf = async () => {
    const before = await profiledVersion(spec, csv(40));
    const version = await profiledVersion(spec, csv(90), { number: 2, parent: before });
    return profilePage({ version, spec, diff: diffVersions(before, version) });
  };

  test('shows names and values as text, whatever markup is in them', async () => {
    const page = await pageOf();
    expect(page).not.toMatch(/<(script|img|b|iframe|link|object)\b/);
    expect(page).toContain('&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
    expect(page).toContain('&lt;img src=x onerror=alert(2)&gt; &amp; sons');
    expect(page).toContain('&lt;b&gt;bold&lt;/b&gt;');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
  });

  test('allows itself nothing but its own style sheet, and names no other place', async () => {
    const page = await pageOf();
    expect(page).toMatch(
      /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'"/,
    );
    expect(page).not.toMatch(/\b(src|href)="(?!#)/);
    expect(page).not.toMatch(/\sstyle="|\son\w+="/);
    expect(page).not.toMatch(/url\(|@import/);
  });

  test('is the same bytes each time', async () => {
    expect(await pageOf()).toBe(await pageOf());
  });

  test('names every chart, every heading of a table and the missing values', async () => {
    const page = await pageOf();
    for (const svg of page.match(/<svg[^>]*>/g) ?? []) expect(svg).toMatch(/role="img" aria-label="[^"]+"/);
    for (const heading of page.match(/<th\b[^>]*>/g) ?? []) expect(heading).toMatch(/scope="(row|col)"/);
    expect(page).toContain('2 of 6 columns lack values');
    expect(page).toContain('weight and size: 1.000');
  });

  test('of a first version says so, and shows the rules that its file broke with the first rows that did', async () => {
    const version = await profiledVersion(spec, csv(5));
    const page = profilePage({ version, spec, report: aReport });
    expect(page).toContain('This is the first version of the dataset.');
    expect(page).toContain('a.csv: of 7 rows 5 are new, 0 were there already, 2 were not taken.');
    expect(page).toContain('<th scope="row">size</th><td>range</td><td>quarantine</td><td class="number">2</td>');
    expect(page).toContain('<td class="number">3</td><td>size</td><td>range</td><td>&lt;b&gt;-1&lt;/b&gt;</td>');
    expect(page).toContain('millrace data quality things --upload u --json');
  });

  test('says so where the version before is deleted, and where there is no report', async () => {
    const before = await profiledVersion(spec, csv(5));
    const version = await profiledVersion(spec, csv(9), { number: 2, parent: before });
    const page = profilePage({ version, spec });
    expect(page).toContain('The version before this one is deleted.');
    expect(page).toContain('There is no report on the file');
  });

  test('draws a bar for each frequent value, and none for the rest of them', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `n${i % 30}`);
    const rows = names.map((name, i) => [name, i, '', i, '2019-01-01', true].join(','));
    const page = profilePage({
      version: await profiledVersion(spec, [csv(0), ...rows].join('\n')),
      spec,
    });
    const chart = /aria-label="Most frequent values of [^"]*".*?<\/svg>/.exec(page)?.[0] ?? '';
    expect(chart).toContain('all others');
    expect(chart.match(/<rect/g)).toHaveLength((chart.match(/<g>/g) ?? []).length - 1);
  });
});

describe('a version in words', () => {
  test('is the latest, beside the name or behind an @', () => {
    expect(versionNamed('flights')).toEqual({ dataset: 'flights', version: 'latest' });
    expect(versionNamed('flights', '3')).toEqual({ dataset: 'flights', version: '3' });
    expect(versionNamed('flights@latest')).toEqual({ dataset: 'flights', version: 'latest' });
    expect(() => versionNamed('flights@1', '2')).toThrow('version: got 2 beside flights@1');
  });

  test('of two can be given both ways, of one dataset', () => {
    const both = [
      { dataset: 'flights', version: '1' },
      { dataset: 'flights', version: '2' },
    ];
    expect(sidesOf({ dataset: 'flights', before: '1', after: '2' })).toEqual(both);
    expect(sidesOf({ dataset: 'flights@1', before: 'flights@2' })).toEqual(both);
    expect(() => sidesOf({ dataset: 'flights@1', before: 'trains@2' })).toThrow('after: got none');
    expect(() => sidesOf({ dataset: 'flights', before: '1' })).toThrow('after: got none');
    expect(() => sidesOf({ dataset: 'flights@1', before: '1', after: '2' })).toThrow('dataset: got flights@1');
  });
});

test.each([
  [0, '0', '0 %'],
  [0.0004, '4.000e-4', '< 0.1 %'],
  [0.12345, '0.1235', '12.3 %'],
  [0.9999, '0.9999', '> 99.9 %'],
  [1, '1', '100 %'],
  [1234567, '1,234,567', '123456700 %'],
  [1234.5678, '1,235', '123456.8 %'],
])('%d reads as %s, as a share %s', (value, number, share) => {
  expect(shownNumber(value)).toBe(number);
  expect(shownShare(value)).toBe(share);
});
