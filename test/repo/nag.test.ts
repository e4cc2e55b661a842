import { describe, expect, test } from '@jest/globals';
import { WAIVERS } from '../../lib/shared/nag-waivers.ts';
import { waivedIn } from './synthesized-app.ts';

/** How many waivers there are. It may only fall: what needs another one is to be built in another way. */
const MOST_WAIVERS = 11;

describe('the waivers of cdk-nag', () => {
  test('only become fewer', () => {
    expect(WAIVERS).toHaveLength(MOST_WAIVERS);
  });

  test('each have a reason of their own', () => {
    for (const { rule, reason } of WAIVERS) {
      expect(reason.length).toBeGreaterThan(30);
      expect(reason).not.toContain(rule);
    }
    expect(new Set(WAIVERS.map(({ reason }) => reason)).size).toBe(WAIVERS.length);
  });

  test('are all needed by the stage prod', () => {
    const used = new Set(waivedIn('prod').map(({ reason }) => reason));
    expect([...used].sort()).toEqual(WAIVERS.map(({ reason }) => reason).sort());
  });
});
