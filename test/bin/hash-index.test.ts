import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashFile, listFolder } from '../../bin/collection/folder.ts';
import { cacheFolder, readIndex, writeIndex } from '../../bin/collection/hash-index.ts';
import { byPath, type Listed, takeSnapshot } from '../../bin/collection/snapshot.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-hashes-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const later = () => Date.now() + 60_000;
function put(path: string, content: string): void {
  mkdirSync(join(root, 'files', path, '..'), { recursive: true });
  writeFileSync(join(root, 'files', path), content);
}
/** Looks at the folder again with the index from the last time, and keeps it. */
function look(now = later()) {
  const folder = join(root, 'files');
  const listing = listFolder(folder, now);
  const { snapshot, read } = takeSnapshot(listing, readIndex(folder, root), ({ path }) => hashFile(join(folder, path)));
  writeIndex(folder, root, snapshot);
  const fresh = takeSnapshot(listing, undefined, ({ path }) => hashFile(join(folder, path))).snapshot;
  expect(snapshot.tree.root()).toBe(fresh.tree.root());
  expect(snapshot.digests.equals(fresh.digests)).toBe(true);
  return { read: read.map(({ path }) => path), paths: listing.map(({ path }) => path), root: snapshot.tree.root() };
}

describe('the hash index of a folder', () => {
  test('reads every file the first time, none the second, and then what is new or changed', () => {
    for (const path of ['a', 'b/c', 'b/d', 'e']) put(path, path);
    expect(look().read).toEqual(['a', 'b/c', 'b/d', 'e']);
    expect(look().read).toEqual([]);
    put('b/new', 'new');
    expect(look().read).toEqual(['b/new']);
    put('b/c', 'changed');
    expect(look().read).toEqual(['b/c']);
    rmSync(join(root, 'files/a'));
    expect(look()).toMatchObject({ read: [], paths: ['b/c', 'b/d', 'b/new', 'e'] });
  });

  test('sees a change that kept size and time of change', () => {
    put('a', 'one');
    const then = new Date('2020-01-01T00:00:00Z');
    utimesSync(join(root, 'files/a'), then, then);
    look();
    put('a', 'two');
    utimesSync(join(root, 'files/a'), then, then);
    expect(look().read).toEqual(['a']);
  });

  test('does not trust a file that was written just before: it may be written again', () => {
    put('a', 'one');
    look(Date.now());
    expect(look().read).toEqual(['a']);
    expect(look().read).toEqual([]);
  });

  test('that is damaged, cut short or of another kind is as none', () => {
    for (const path of ['a', 'b']) put(path, path);
    look();
    const [name = ''] = readdirSync(join(root, 'hashes'));
    const file = join(root, 'hashes', name);
    const whole = readFileSync(file);
    const flipped = Buffer.from(whole);
    flipped[flipped.length - 1] = (flipped.at(-1) as number) ^ 1;
    for (const bytes of [flipped, whole.subarray(0, -1), Buffer.alloc(0), Buffer.from('{}\n'), Buffer.from('no')]) {
      writeFileSync(file, bytes);
      expect(look().read).toEqual(['a', 'b']);
    }
    expect(readdirSync(join(root, 'hashes'))).toEqual([name]);
  });

  test('lies where MILLRACE_CACHE says, else below the cache folder', () => {
    expect(cacheFolder('/x', '/y')).toBe('/x');
    expect(cacheFolder(undefined, '/y')).toBe('/y/millrace');
  });

  test('is the same after any changes as if everything had been read', () => {
    const listing = fc.dictionary(fc.stringMatching(/^[a-e]{1,2}$/), fc.nat(3), { maxKeys: 25 });
    fc.assert(
      fc.property(fc.array(listing, { minLength: 2, maxLength: 6 }), (rounds) => {
        const content = (value: string) => Buffer.from(digestOf(value).slice(7), 'hex');
        let before: ReturnType<typeof takeSnapshot>['snapshot'] | undefined;
        for (const files of rounds) {
          const listed: Listed[] = Object.entries(files)
            .map(([path, value]) => ({ path, bytes: value, stamp: String(value) }))
            .sort(byPath);
          const whole = takeSnapshot(listed, undefined, ({ stamp }) => content(stamp)).snapshot;
          const known = new Set((before?.text.toString() ?? '').split('\n'));
          const next = takeSnapshot(listed, before, ({ stamp }) => content(stamp));
          expect(next.read.map(({ path }) => path)).toEqual(
            listed
              .filter(({ path, bytes, stamp }) => !known.has(`${path}\t${bytes}\t${stamp}`))
              .map(({ path }) => path),
          );
          writeIndex('any', root, next.snapshot);
          before = readIndex('any', root);
          expect(before?.tree.root()).toBe(whole.tree.root());
          expect(before?.text.equals(whole.text)).toBe(true);
          expect(before?.digests.equals(whole.digests)).toBe(true);
        }
      }),
    );
  });
});

describe('a folder', () => {
  test('that holds a link is refused, wherever the link leads', () => {
    put('a', 'a');
    symlinkSync('a', join(root, 'files/link'));
    expect(() => listFolder(join(root, 'files'))).toThrow(/got "link", expected a file or a folder, and it is a link/);
    rmSync(join(root, 'files/link'));
    symlinkSync(root, join(root, 'files/out'));
    expect(() => listFolder(join(root, 'files'))).toThrow(/a link/);
  });

  test.each(['a\nb', 'a\\b', 'a\u0308'])('with a file named %j is refused', (name) => {
    put(name, 'x');
    expect(() => listFolder(join(root, 'files'))).toThrow(expect.objectContaining({ name: 'CollectionPathInvalid' }));
  });
});
