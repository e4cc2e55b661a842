import { expect, test } from '@jest/globals';
import { findVerb } from '../../bin/arguments.ts';
import { verbs } from '../../bin/verbs.ts';

test('every verb is found by its own words, and none by fewer', () => {
  for (const each of verbs) {
    const words = each.name.split(' ');
    expect(findVerb(verbs, [...words, 'x', '--json'])).toEqual({ verb: each, rest: ['x', '--json'] });
    expect(findVerb(verbs, words.slice(0, -1))).toBeUndefined();
  }
});
