import { expect, test } from '@jest/globals';
import type { Column, DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';
import { aSpec } from '../builders/dataset.ts';

const person = (more: Partial<Column> = {}): Column => ({ type: 'string', role: 'subject', ...more });
const having = (columns: Record<string, Column>, more: Partial<DatasetSpec> = {}) =>
  aSpec({ ...more, columns: { ...aSpec().columns, ...columns } });
const time: Column = { type: 'timestamp', role: 'timestamp' };

test.each<[string, unknown, RegExp]>([
  ['neither a day nor a share', aSpec({ split: { by: 'id' } }), /split: .*either testFrom, a day, or testPercent/],
  [
    'a day and a share',
    aSpec({ split: { by: 'day', testFrom: '2020-01-01', testPercent: 20 } }),
    /either testFrom, a day, or testPercent/,
  ],
  [
    'a share by a feature',
    aSpec({ split: { by: 'day', testPercent: 20 } }),
    /by a key, group or subject column, day is a/,
  ],
  ['a share of all', aSpec({ split: { by: 'id', testPercent: 100 } }), /split\.testPercent: got 100/],
  [
    'rows of one person on both sides',
    having({ who: person() }, { split: { by: 'id', testPercent: 20 } }),
    /split\.by: .*rows of one who would lie on both sides; split by who, or keep it apart/,
  ],
  [
    'days after those that are judged, to learn from',
    having({ at: time }, { split: { by: 'id', testPercent: 20 } }),
    /lets training see days after those it is judged on/,
  ],
  [
    'a column apart that is not kept',
    having(
      { who: person({ privacy: { action: 'drop' } }) },
      { split: { by: 'day', testFrom: '2020-01-01', apart: ['who'] } },
    ),
    /split\.apart: .*who is no column that is kept/,
  ],
  ['a partition by a text', aSpec({ partition: { by: 'kind', every: 'day' } }), /partition\.by: .*kind is string/],
  ['a partition by what may be empty', aSpec({ partition: { by: 'seen', every: 'day' } }), /not nullable/],
  ['two people', having({ who: person(), whom: person() }), /expected one subject at most, got who, whom/],
  [
    'two checks of one name',
    aSpec({
      checks: [
        { rule: 'rows', name: 'a', atLeast: 1, level: 'warn' },
        { rule: 'rows', name: 'a', atMost: 9, level: 'warn' },
      ],
    }),
    /checks\.1\.name: .*another check has this name/,
  ],
  [
    'a check of rows that asks nothing',
    aSpec({ checks: [{ rule: 'rows', name: 'a', level: 'warn' }] }),
    /checks\.0\.atLeast/,
  ],
  [
    'a check of no column',
    aSpec({ checks: [{ rule: 'nulls', name: 'a', column: 'x', atMostPercent: 1, level: 'warn' }] }),
    /checks\.0\.column: got "x", expected one of/,
  ],
  [
    'a check of what is dropped',
    having(
      { who: person({ nullable: true, privacy: { action: 'drop' } }) },
      {
        checks: [{ rule: 'nulls', name: 'a', column: 'who', atMostPercent: 1, level: 'warn' }],
        split: { by: 'day', testFrom: '2020-01-01', apart: ['kind'] },
      },
    ),
    /who is dropped, so nothing is known/,
  ],
  [
    'freshness of a number',
    aSpec({ checks: [{ rule: 'fresh', name: 'a', column: 'size', withinHours: 1, level: 'warn' }] }),
    /checks\.0\.column: .*size is double/,
  ],
  [
    'a level that files have not',
    { ...aSpec(), checks: [{ rule: 'rows', name: 'a', atLeast: 1, level: 'quarantine' }] },
    /checks\.0\.level/,
  ],
  ['an unknown rule', { ...aSpec(), checks: [{ rule: 'magic', name: 'a', level: 'warn' }] }, /checks\.0\.rule/],
  [
    'a pattern of numbers',
    having({ n: { type: 'double', role: 'feature', pattern: '1' } }),
    /columns\.n\.pattern: .*a double column/,
  ],
  [
    'a rounded text',
    having({ t: { type: 'string', role: 'feature', privacy: { action: 'round', to: 10 } } }),
    /round is for double and integer columns, t is string/,
  ],
  [
    'a rounded key',
    having({ n: { type: 'integer', role: 'key', privacy: { action: 'round', to: 10 } } }),
    /a key names rows; round would make different rows the same/,
  ],
  [
    'a pseudonym of a day',
    having({ d: { type: 'date', role: 'feature', privacy: { action: 'pseudonym' } } }),
    /pseudonym is for string and integer/,
  ],
  [
    'days shifted for nobody',
    having({ d: { type: 'date', role: 'feature', privacy: { action: 'shift', days: 3, subject: 'x' } } }),
    /privacy\.subject: .*expected one of the columns/,
  ],
  [
    'a half for whole numbers',
    having({ n: { type: 'integer', role: 'feature', privacy: { action: 'round', to: 0.5 } } }),
    /expected a whole number/,
  ],
  [
    'anonymity of what is dropped',
    having(
      { who: person({ privacy: { action: 'drop' } }) },
      { anonymity: { columns: ['who'], k: 5, level: 'warn' }, split: { by: 'day', testFrom: '2020-01-01' } },
    ),
    /who is dropped, so it cannot identify anyone/,
  ],
  [
    'a key that is only warned of',
    having({ n: { type: 'integer', role: 'key', level: 'warn' } }),
    /columns\.n\.level: .*a warning is not enough/,
  ],
  [
    'days shifted for whoever is not named',
    having({ d: { type: 'date', role: 'feature', privacy: { action: 'shift', days: 3, subject: 'kind' } } }),
    /privacy\.subject: .*never empty/,
  ],
  ['a letter between fields', aSpec({ format: { delimiter: 'x' } }), /format\.delimiter: got "x", expected one ASCII/],
  ['anonymity of one', aSpec({ anonymity: { columns: ['kind'], k: 1, level: 'warn' } }), /anonymity\.k: got 1/],
])('a spec with %s is refused by field, value and rule', (_what, spec, message) => {
  expect(() => parseDatasetSpec(JSON.stringify(spec))).toThrow(message);
});

test.each<[string, DatasetSpec]>([
  ['people, split by them', having({ who: person() }, { split: { by: 'who', testPercent: 20 } })],
  [
    'people kept apart by day',
    having({ who: person() }, { split: { by: 'day', testFrom: '2020-01-01', apart: ['who'] } }),
  ],
  [
    'a series split by its rows, said aloud',
    having({ at: time }, { split: { by: 'id', testPercent: 20, acrossTime: true } }),
  ],
  [
    'a series split by its groups',
    having({ at: time, place: { type: 'string', role: 'group' } }, { split: { by: 'place', testPercent: 20 } }),
  ],
])('a spec with %s is taken', (_what, spec) => {
  expect(parseDatasetSpec(JSON.stringify(spec)).split).toEqual(spec.split);
});
