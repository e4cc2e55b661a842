import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Column } from '../../lambdas/data/dataset-spec.ts';
import { refusalOf } from '../../lambdas/data/refusal.ts';
import { curatedRows } from '../builders/curated-rows.ts';
import { aSpec } from '../builders/dataset.ts';
import { manifestOf, refined } from '../builders/refined.ts';
import { aRefinery, KEY } from '../builders/refinery.ts';

const people = (columns: Record<string, Column>, more: Partial<ReturnType<typeof aSpec>> = {}) =>
  aSpec({ dataset: 'people', columns: { day: { type: 'date', role: 'feature' }, ...columns }, ...more });

const hmac = (text: string) => createHmac('sha256', KEY).update(text).digest('hex');

async function take(csv: string, spec: ReturnType<typeof aSpec>) {
  const at = aRefinery();
  const got = await refined(csv, spec, at);
  return { ...got, at, kept: await curatedRows(at, spec.dataset, got.files) };
}

describe('what is kept of a value', () => {
  test('as a pseudonym is HMAC-SHA256 under the key of the dataset, whatever the text', async () => {
    const spec = people({ name: { type: 'string', role: 'key', privacy: { action: 'pseudonym' } } });
    const names = fc.uniqueArray(
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 90 })
        .filter((t) => t.isWellFormed() && !t.includes('\0') && t.normalize() === t),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(names, async (list) => {
        const csv = `day,name\n${list.map((name) => `2019-01-01,"${name.replaceAll('"', '""')}"`).join('\n')}\n`;
        const { kept } = await take(csv, spec);
        expect(kept.map(({ name }) => name).sort()).toEqual(list.map(hmac).sort());
      }),
      { numRuns: 5 },
    );
  });

  test('is nothing of what is dropped, a multiple, a beginning, a month', async () => {
    const spec = people({
      id: { type: 'integer', role: 'key' },
      mail: { type: 'string', role: 'ignored', privacy: { action: 'drop' } },
      income: { type: 'double', role: 'feature', privacy: { action: 'round', to: 1000 } },
      zip: { type: 'string', role: 'feature', privacy: { action: 'prefix', characters: 2 } },
      born: { type: 'date', role: 'feature', privacy: { action: 'truncate', to: 'year' } },
    });
    const { kept, columns } = await take(
      'id,day,mail,income,zip,born\n1,2019-01-01,a@b.c,52999,98109,1980-05-17\n',
      spec,
    );
    expect(kept).toMatchObject([{ id: 1n, income: 52_000, zip: '98', born: new Date('1980-01-01') }]);
    expect(Object.keys(columns).sort()).toEqual(['born', 'day', 'id', 'income', 'zip']);
  });

  test('of the days of one subject is the same distance between them, never the true day', async () => {
    const spec = people({
      who: { type: 'string', role: 'group', privacy: { action: 'pseudonym' } },
      seen: { type: 'date', role: 'timestamp', privacy: { action: 'shift', days: 30, subject: 'who' } },
    });
    const days = ['2019-03-01', '2019-03-11', '2019-06-01'];
    const subjects = Array.from({ length: 40 }, (_, i) => `s${i}`);
    const csv = `day,who,seen\n${subjects.flatMap((who) => days.map((day) => `2019-01-01,${who},${day}`)).join('\n')}\n`;
    const { kept } = await take(csv, spec);
    const shifts = new Set<number>();
    for (const who of subjects) {
      const own = kept
        .filter((row) => row['who'] === hmac(who))
        .map((row) => (row['seen'] as Date).getTime() / 86_400_000)
        .sort((a, b) => a - b);
      const shift = own.map((at, i) => at - Date.parse(days[i] as string) / 86_400_000);
      expect(new Set(shift).size).toBe(1);
      expect(shift[0]).not.toBe(0);
      expect(Math.abs(shift[0] as number)).toBeLessThanOrEqual(30);
      shifts.add(shift[0] as number);
    }
    expect(shifts.size).toBeGreaterThan(15);
  });

  test('stays one row for one pseudonym, whichever file it comes in', async () => {
    const spec = people({ name: { type: 'string', role: 'key', privacy: { action: 'pseudonym' } } });
    const at = aRefinery();
    const one = await refined('day,name\n2019-01-01,Ada\n', spec, at);
    const two = await refined('day,name\n2019-01-01,Ada\n2019-01-02,Eve\n', spec, at, manifestOf(spec, one));
    expect(two.rows).toMatchObject({ repeated: 1, fresh: 1 });
  });
});

test('no identifier reaches the curated zone, the report or an error, however the file is broken', async () => {
  const canary = ['Ada.Lovelace', '555-0100', '1815-12-10'];
  const spec = people(
    {
      name: { type: 'string', role: 'subject', pattern: '[A-Z][a-z]+[.][A-Z][a-z]+', privacy: { action: 'pseudonym' } },
      phone: { type: 'string', role: 'ignored', privacy: { action: 'drop' } },
      born: { type: 'date', role: 'feature', privacy: { action: 'truncate', to: 'year' } },
      n: { type: 'integer', role: 'key' },
    },
    { split: { by: 'name', testPercent: 20 } },
  );
  const header = 'day,name,phone,born,n\n';
  const row = (more: string) => `2019-01-01,Ada.Lovelace,555-0100,1815-12-10,${more}\n`;
  const files = [
    header + row('1'),
    header + row('1') + row('x'),
    `${header + row('1')}2019-01-01,Ada.Lovelace!,555-0100,1815-12-10,2\n`,
    `${header}2019-01-01,Ada.Lovelace,555-0100,1815-12-1O,3\n`,
    `${header + row('1')}2019-01-01,Ada.Lovelace,555-0100\n`,
    `${header + row('1')}2020-01-01,Ada.Lovelace,555-0100,1815-12-10,1\n`,
    `${header}2019-01-01,"Ada.Lovelace,555-0100,1815-12-10,1\n`,
    `${header + row('1')}2019-01-01,Ada.Lovelace,555-0100,1815-12-10,2\r\n`,
    // In the column of somebody else.
    `${header}2019-01-01,Ada.Lovelace,555-0100,1815-12-10,555-0100\n`,
    `${header}Ada.Lovelace,Ada.Lovelace,555-0100,1815-12-10,4\n${row('1')}`,
    // Without a header, the first person is in its place.
    row('1') + row('2'),
    '"Ada.Lovelace,555-0100\n',
    `${header.trimEnd()},Ada.Lovelace,Ada.Lovelace\n${row('1')}`,
    // Another separator: the whole line is one name.
    row('1').replaceAll(',', ';'),
  ];
  for (const file of files) {
    const at = aRefinery();
    let said: string;
    try {
      const got = await refined(file, spec, at);
      said = JSON.stringify([got, String(refusalOf(got, spec)?.message)]);
    } catch (error) {
      said = `${(error as Error).message} ${String((error as Error).cause)}`;
    }
    const stored = (await Promise.all(at.curated.keys().map((key) => at.curated.get(key)))).map((bytes) =>
      Buffer.from(bytes as Uint8Array).toString('latin1'),
    );
    for (const word of canary) for (const text of [said, ...stored]) expect(text).not.toContain(word);
  }
});

describe('k-anonymity', () => {
  const spec = (level: 'warn' | 'quarantine' | 'refuse') =>
    people(
      {
        id: { type: 'integer', role: 'key' },
        zip: { type: 'string', role: 'feature', privacy: { action: 'prefix', characters: 2 } },
        age: { type: 'integer', role: 'feature', nullable: true },
      },
      { anonymity: { columns: ['zip', 'age'], k: 3, level } },
    );
  const csv = `id,day,zip,age\n${[1, 2, 3].map((id) => `${id},2019-01-01,98${id},30`).join('\n')}\n4,2019-01-01,981,31\n5,2019-01-01,101,\n6,2019-01-01,102,\n`;

  test('names the smallest groups, and refuses', async () => {
    const got = await take(csv, spec('refuse'));
    expect(refusalOf(got, spec('refuse'))).toMatchObject({
      name: 'CheckRefused',
      message:
        'checks.anonymity: 2 combinations of zip, age have fewer than 3 rows, 3 in all; the smallest: 98, 31 (1); 10, (empty) (2)',
    });
    expect(got.files).toEqual([]);
  });

  test('sets the rows of small groups aside', async () => {
    const { rows, sample, kept } = await take(csv, spec('quarantine'));
    expect(rows).toMatchObject({ given: 6, broken: 3, fresh: 3 });
    expect(kept.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
    expect(sample.map(({ row, rule }) => [row, rule])).toEqual([
      [4, 'anonymity'],
      [5, 'anonymity'],
      [6, 'anonymity'],
    ]);
  });

  test('warns', async () => {
    const { rows, checks } = await take(csv, spec('warn'));
    expect(rows).toMatchObject({ broken: 0, fresh: 6 });
    expect(checks).toMatchObject([{ name: 'anonymity', passed: false, level: 'warn' }]);
  });
});
