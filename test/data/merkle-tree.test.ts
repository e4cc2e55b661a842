import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { merkleRoot } from '../../lambdas/data/merkle.ts';
import { merkleTree, storedMerkleTree } from '../../lambdas/data/merkle-tree.ts';

const leaf = fc.uint8Array({ maxLength: 8 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(), leaf }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), leaf }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), leaf }),
);

describe('the Merkle tree that keeps its nodes', () => {
  test('has the root of RFC 6962 at every size', () => {
    const leaves = Array.from({ length: 140 }, (_, i) => Uint8Array.of(i));
    for (let n = 0; n <= leaves.length; n++) {
      expect(merkleTree(leaves.slice(0, n)).root()).toBe(merkleRoot(leaves.slice(0, n)));
    }
  });

  test('has it after any changes, insertions and removals', () => {
    fc.assert(
      fc.property(fc.array(leaf, { maxLength: 70 }), fc.array(step, { maxLength: 40 }), (leaves, steps) => {
        const list = [...leaves];
        const tree = merkleTree(list);
        for (const { kind, at, leaf: next } of steps) {
          if (kind === 'insert') {
            const index = at % (list.length + 1);
            list.splice(index, 0, next);
            tree.insert(index, next);
          } else if (list.length > 0) {
            const index = at % list.length;
            if (kind === 'set') list[index] = next;
            else list.splice(index, 1);
            if (kind === 'set') tree.set(index, next);
            else tree.remove(index);
          }
          expect(tree.size).toBe(list.length);
          expect(tree.root()).toBe(merkleRoot(list));
          const stored = storedMerkleTree(list.length, Buffer.from(tree.nodes()));
          expect(stored.root()).toBe(tree.root());
          expect(stored.hashes).toBe(0);
        }
      }),
      { numRuns: 120 },
    );
  });

  test('hashes one node of each level for a changed leaf', () => {
    const tree = merkleTree(Array.from({ length: 100_000 }, (_, i) => Buffer.from(String(i))));
    const before = tree.hashes;
    tree.set(77_777, Buffer.from('changed'));
    expect(tree.hashes - before).toBeLessThanOrEqual(1 + 17);
  });

  test('hashes only what is right of an added leaf', () => {
    const tree = merkleTree(Array.from({ length: 100_000 }, (_, i) => Buffer.from(String(i))));
    const before = tree.hashes;
    tree.insert(99_990, Buffer.from('near the end'));
    expect(tree.hashes - before).toBeLessThan(60);
  });

  test('is stored whole or not at all', () => {
    const nodes = merkleTree([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]).nodes();
    expect(nodes).toHaveLength((3 + 2 + 1) * 32);
    expect(() => storedMerkleTree(2, nodes)).toThrow(RangeError);
    expect(() => storedMerkleTree(3, nodes.subarray(32))).toThrow(RangeError);
    expect(storedMerkleTree(0, Buffer.alloc(0)).root()).toBe(merkleRoot([]));
  });

  test.each([-1, 3, 0.5, Number.NaN])('has no leaf %p of three', (index) => {
    const tree = merkleTree([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]);
    expect(() => tree.set(index, Buffer.from('x'))).toThrow(RangeError);
  });
});
