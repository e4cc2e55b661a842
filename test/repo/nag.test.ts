import { describe, expect, test } from '@jest/globals';
import { EDGE_WAIVERS, WAIVERS } from '../../lib/shared/nag-waivers.ts';
import { waivedIn } from './synthesized-app.ts';

/** How many waivers there are. It may only fall: what needs another one is to be built in another way. */
const MOST_WAIVERS = 11;
/** As many more has a stage with the edge. */
const MOST_EDGE_WAIVERS = 3;

describe('the waivers of cdk-nag', () => {
  test('only become fewer', () => {
    expect(WAIVERS).toHaveLength(MOST_WAIVERS);
    expect(EDGE_WAIVERS).toHaveLength(MOST_EDGE_WAIVERS);
  });

  test('each have a reason of their own', () => {
    for (const { rule, reason } of [...WAIVERS, ...EDGE_WAIVERS]) {
      expect(reason.length).toBeGreaterThan(30);
      expect(reason).not.toContain(rule);
    }
    expect(new Set(WAIVERS.map(({ reason }) => reason)).size).toBe(WAIVERS.length);
  });

  test('are all needed by the stage prod', () => {
    const used = new Set(waivedIn('prod').map(({ reason }) => reason));
    expect([...used].sort()).toEqual(WAIVERS.map(({ reason }) => reason).sort());
  });

  test('are all needed by a stage with the edge, and those of the edge by no other', () => {
    const reasons = (stage: string) => new Set(waivedIn(stage).map(({ reason }) => reason));
    expect([...reasons('edge')]).toEqual(expect.arrayContaining(EDGE_WAIVERS.map(({ reason }) => reason)));
    for (const { reason } of EDGE_WAIVERS) expect(reasons('prod').has(reason)).toBe(false);
  });
});
