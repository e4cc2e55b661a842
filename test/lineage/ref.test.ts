import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { factKey, KINDS, parseRef, partitionOf, ref } from '../../lambdas/lineage/ref.ts';

const aKind = fc.constantFrom(...KINDS);
const aWorkspace = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const aPath = fc.string({ minLength: 1, unit: 'grapheme' });

describe('a reference', () => {
  test('is read back as the parts that it was made of', () => {
    fc.assert(
      fc.property(aKind, aWorkspace, aPath, (kind, workspace, path) => {
        expect(parseRef(ref(kind, workspace, path))).toEqual({ kind, workspace, path });
      }),
    );
  });

  test.each([
    ['model-version:default/rain/3', 'default#model-version#rain/3'],
    ['bundle:default/sha256:aa', 'default#bundle#sha256:aa'],
    ['run:a-team/01hz', 'a-team#run#01hz'],
  ] as const)('%s has its facts in the partition %s', (text, partition) => {
    expect(partitionOf(text)).toBe(partition);
    expect(factKey(text)).toEqual({ pk: partition, sk: 'fact' });
  });

  test.each([
    ['', 'nothing'],
    ['rain', 'no kind'],
    ['kettle:default/rain', 'an unknown kind'],
    ['model:default', 'no path'],
    ['model:default/', 'an empty path'],
    ['model:/rain', 'no workspace'],
    ['model:Default/rain', 'a workspace in capitals'],
    ['model:a#b/rain', 'a workspace that would reach into another key'],
    ['model:-a/rain', 'a workspace that begins with a hyphen'],
  ])('"%s" is none: %s', (text) => {
    expect(parseRef(text)).toBeUndefined();
    expect(() => partitionOf(text as never)).toThrow(`got ${text}, expected <kind>:<workspace>/<path>`);
  });

  test('two references share a partition only when they are the same', () => {
    const aRef = fc.tuple(aKind, aWorkspace, aPath).map(([kind, workspace, path]) => ref(kind, workspace, path));
    fc.assert(
      fc.property(aRef, aRef, (a, b) => {
        expect(partitionOf(a) === partitionOf(b)).toBe(a === b);
      }),
    );
  });
});
