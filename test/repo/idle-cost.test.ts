import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { idleCost } from '../../lib/shared/idle-cost.ts';
import { synthesizedApp } from './synthesized-app.ts';

/** What README.md says an idle month costs at most, in US dollars; raising it takes a reason in the change log. */
const MOST_USD = 6;

describe('an idle month of the stage prod', () => {
  const { items, usd } = idleCost(Object.values(synthesizedApp('prod')));

  test('costs what keys, alarms and the scheduled checks cost, and nothing else', () => {
    const kinds = [...new Set(items.map(({ what }) => what.replace(/ \(.*\)$/, '')))];
    expect(kinds).toEqual(
      expect.arrayContaining([
        'KMS keys',
        'alarms',
        'scheduled executions',
        'function calls, traces and logs of those',
      ]),
    );
    expect(new Set(kinds).size).toBe(4);
  });

  test('costs what README.md says', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
    expect(readme).toContain(`${usd.toFixed(2)} USD`);
  });

  test(`costs no more than ${MOST_USD} dollars`, () => {
    expect(usd).toBeGreaterThan(0);
    expect(usd).toBeLessThan(MOST_USD);
  });
});
