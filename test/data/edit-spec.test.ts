import { describe, expect, test } from '@jest/globals';
import { applyProposals } from '../../lambdas/data/edit-spec.ts';
import type { Proposal } from '../../lambdas/data/proposal.ts';
import { aSpec, weatherSpecText } from '../builders/dataset.ts';

const reason = '';
const nullable: Proposal = { column: 'wind', field: 'nullable', value: true, reason };
const check = (name: string): Proposal => ({ reason, check: { rule: 'rows', name, deltaPercent: 10, level: 'warn' } });

const BLOCKS = `schema: millrace/dataset/1
dataset: things
owner: me # for now
columns:
  id:
    type: integer # whole
    role: key

  kind:
    role: feature
    type: string
    values:
      # the first one
      - a
      - "b" # the second
    description: >
      what it
      is
  day: {type: date, role: feature} # no spaces
checks:
- rule: sql
  name: some
  where: |
    true
  level: warn
split: {by: day, testFrom: 2020-01-01}
`;

describe('proposals in the text of a spec', () => {
  test('change the lines that they are about, and not a space elsewhere', () => {
    expect(applyProposals(weatherSpecText(), [nullable, check('a'), check('b')])).toBe(
      weatherSpecText()
        .replace('max: 110 }', 'max: 110, nullable: true }')
        .replace(
          '# Years before',
          `checks:
  - { rule: rows, name: a, deltaPercent: 10, level: warn }
  - { rule: rows, name: b, deltaPercent: 10, level: warn }
# Years before`,
        ),
    );
  });

  test('are written as the text is: in blocks, with comments where they were', () => {
    const edited = applyProposals(BLOCKS, [
      { column: 'kind', field: 'nullable', value: true, reason },
      { column: 'kind', field: 'values', value: ['a', 'b', 'c: d', 'true'], reason },
      { column: 'day', field: 'nullable', value: false, reason },
      check('size'),
    ]);
    expect(edited).toBe(
      BLOCKS.replace('    type: string\n', '    type: string\n    nullable: true\n')
        .replace('# the second\n', '# the second\n      - "c: d"\n      - "true"\n')
        .replace('role: feature} #', 'role: feature, nullable: false} #')
        .replace('  level: warn\n', '  level: warn\n- { rule: rows, name: size, deltaPercent: 10, level: warn }\n'),
    );
  });

  test('replace a number where it stands', () => {
    const edited = applyProposals(weatherSpecText(), [{ column: 'wind', field: 'max', value: 120, reason }]);
    expect(edited).toBe(weatherSpecText().replace('max: 110', 'max: 120'));
  });

  test('go into JSON, into lines that end as on Windows, and behind a last line without an end', () => {
    const size: Proposal = { column: 'size', field: 'max', value: 200, reason };
    expect(applyProposals(JSON.stringify(aSpec()), [size, check('a'), check('b')])).toContain('"max":200');
    const windows = applyProposals(weatherSpecText().replaceAll('\n', '\r\n'), [nullable, check('a')]);
    expect(windows.replaceAll('\r\n', '')).not.toContain('\n');
    const last = BLOCKS.replace(
      /checks:[\s\S]*(split:.*\n)/,
      '$1checks:\n  - {rule: sql, name: some, where: x, level: warn}',
    );
    expect(
      applyProposals(last, [check('a')]).endsWith('\n  - { rule: rows, name: a, deltaPercent: 10, level: warn }'),
    ).toBe(true);
  });

  test('are refused where a column is an alias: its rules are those of another one', () => {
    const alias = weatherSpecText()
      .replace('temp_max: {', 'temp_max: &t {')
      .replace(/temp_min: .*/, 'temp_min: *t');
    const proposal: Proposal = { column: 'temp_min', field: 'min', value: -70, reason };
    expect(() => applyProposals(alias, [proposal])).toThrow(/columns\.temp_min: is an alias/);
  });
});
