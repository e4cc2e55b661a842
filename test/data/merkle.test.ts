import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ManifestFile, versionOf } from '../../lambdas/data/manifest.ts';
import { merkleRoot } from '../../lambdas/data/merkle.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

describe('the Merkle root', () => {
  // The reference implementation's vectors (github.com/google/certificate-transparency, merkletree tests).
  const leaves = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map(hex);
  test.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('of %i leaves is that of RFC 6962', (count, root) => {
    expect(merkleRoot(leaves.slice(0, count))).toBe(`sha256:${root}`);
  });

  test('tells leaves from nodes: two leaves are no leaf', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const inner = Buffer.concat([a, b].map((leaf) => hex(merkleRoot([leaf]).slice('sha256:'.length))));
        expect(merkleRoot([a, b])).not.toBe(merkleRoot([inner]));
      }),
    );
  });
});

describe('a dataset version', () => {
  const file = fc.record({
    path: fc.string({ minLength: 1 }),
    sha256: fc.string().map((text) => digestOf(text)),
    bytes: fc.nat(),
    rows: fc.nat(),
  });
  const files = fc.uniqueArray(file, { selector: ({ path }) => path, minLength: 1, maxLength: 20 });

  test('does not depend on the order of its files', () => {
    fc.assert(
      fc.property(
        files.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => expect(versionOf(shuffled)).toBe(versionOf(list)),
      ),
    );
  });

  test('depends on every file and on all that is said of it', () => {
    fc.assert(
      fc.property(files, fc.nat(), (list, pick) => {
        const at = pick % list.length;
        const version = versionOf(list);
        const changed = (change: Partial<ManifestFile>) =>
          versionOf(list.map((each, i) => (i === at ? { ...each, ...change } : each)));
        const { path, sha256, bytes, rows } = list[at] as (typeof list)[number];
        expect(changed({ path: `${path}'` })).not.toBe(version);
        expect(changed({ sha256: digestOf(sha256) })).not.toBe(version);
        expect(changed({ bytes: bytes + 1 })).not.toBe(version);
        expect(changed({ rows: rows + 1 })).not.toBe(version);
        expect(versionOf(list.toSpliced(at, 1))).not.toBe(version);
      }),
    );
  });
});
