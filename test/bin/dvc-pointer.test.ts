import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readPointer } from '../../bin/collection/dvc-pointer.ts';

const md5Of = (text: string) => createHash('md5').update(text).digest('hex');
const LAYOUTS = { 'of DVC 3': 'files/md5', 'of DVC 2': '.' };

let repository = '';
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'millrace-dvc-'));
});
afterEach(() => rmSync(repository, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(repository, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
/** Puts content into the cache as DVC does; a directory's list is named by its own md5 and `.dir`. */
function cache(content: string, { layout = 'files/md5', dir = '.dvc/cache', suffix = '' } = {}): string {
  const md5 = md5Of(content);
  write(join(dir, layout, md5.slice(0, 2), `${md5.slice(2)}${suffix}`), content);
  return `${md5}${suffix}`;
}
const pointer = (text: string, name = 'data.csv.dvc') => write(name, text);
const read = (file: string) => readPointer(file, repository);
const invalid = (message: RegExp) =>
  expect.objectContaining({ name: 'DvcPointerInvalid', message: expect.stringMatching(message) });

describe.each(Object.entries(LAYOUTS))('a pointer into a cache %s', (_, layout) => {
  test('leads to its file', () => {
    const md5 = cache('a,b\n1,2\n', { layout });
    const hash = layout === '.' ? '' : '  hash: md5\n';
    const file = pointer(`outs:\n- md5: ${md5}\n  size: 8\n${hash}  path: data.csv\n`);
    expect(read(file)).toEqual([{ path: 'data.csv', md5, file: expect.stringContaining(md5.slice(2)) }]);
  });

  test('leads to every file of its directory', () => {
    const files = ['one', 'two'].map((text) => ({ md5: cache(text, { layout }), relpath: `sub/${text}.csv` }));
    const md5 = cache(JSON.stringify(files), { layout, suffix: '.dir' });
    const file = pointer(`outs:\n- md5: ${md5}\n  size: 6\n  nfiles: 2\n  path: images\n`);
    expect(read(file).map(({ path, md5: each }) => [path, each])).toEqual(
      files.map((each) => [`images/${each.relpath}`, each.md5]),
    );
  });

  test('says which content the cache has not, and where it looked', () => {
    const file = pointer(`outs:\n- md5: ${md5Of('gone')}\n  path: data.csv\n`);
    expect(() => read(file)).toThrow(
      expect.objectContaining({
        name: 'DvcContentMissing',
        message: expect.stringMatching(/data\.csv: got no .*files\/md5.* or /),
      }),
    );
  });

  test('says that the cached bytes are other ones', () => {
    const md5 = md5Of('right');
    write(join('.dvc/cache', layout, md5.slice(0, 2), md5.slice(2)), 'wrong');
    const file = pointer(`outs:\n- md5: ${md5}\n  path: data.csv\n`);
    const message = `data.csv: got md5 ${md5Of('wrong')}`;
    expect(() => read(file)).toThrow(
      expect.objectContaining({ name: 'DvcContentChanged', message: expect.stringContaining(message) }),
    );
  });
});

describe('a pointer', () => {
  test('with another size than its content is refused', () => {
    const md5 = cache('content');
    expect(() => read(pointer(`outs:\n- md5: ${md5}\n  size: 8\n  path: a.csv\n`))).toThrow(/got 7 bytes, .* says 8/);
  });

  test.each([
    ['outs: [', /cannot be read as YAML/],
    ['a: &x 1\nouts: *x', /cannot be read as YAML/],
    ['outs: []', /outs/],
    ['deps: []', /outs/],
    [`outs:\n- md5: ../../etc/passwd\n  path: a`, /md5/],
    [`outs:\n- md5: ${'A'.repeat(32)}\n  path: a`, /md5/],
    [`outs:\n- md5: ${md5Of('a')}\n  hash: sha256\n  path: a`, /hash/],
    [`outs:\n- md5: ${md5Of('a')}\n  path: ../a`, /path/],
    [`outs:\n- md5: ${md5Of('a')}\n  path: /a`, /path/],
    [`outs:\n- etag: x\n  path: s3://bucket/a`, /md5/],
  ])('%j is refused', (text, message) => {
    cache('a');
    expect(() => read(pointer(text))).toThrow(invalid(message));
  });

  test.each([
    ['no', /not JSON/],
    ['{}', /array/],
    [JSON.stringify([{ md5: md5Of('x'), relpath: '../../out' }]), /path/],
    [JSON.stringify([{ md5: 'x', relpath: 'a' }]), /md5/],
    [JSON.stringify(Array(2).fill({ md5: md5Of('x'), relpath: 'a' })), /twice/],
  ])('to a directory whose list is %s is refused', (list, message) => {
    cache('x');
    const md5 = cache(list, { suffix: '.dir' });
    expect(() => read(pointer(`outs:\n- md5: ${md5}\n  path: d\n`))).toThrow(invalid(message));
  });

  test('to a directory of another number of files is refused', () => {
    const md5 = cache('[]', { suffix: '.dir' });
    expect(() => read(pointer(`outs:\n- md5: ${md5}\n  nfiles: 3\n  path: d\n`))).toThrow(invalid(/got 3, .* has 0/));
  });
});

describe('a cache somewhere else', () => {
  test.each([
    [
      'config',
      `[core]\n    remote = storage\n['remote "storage"']\n    url = s3://bucket\n[cache]\n    dir = ../shared\n`,
      'shared',
    ],
    ['config.local', '[cache]\ndir=../own\n', 'own'],
  ])('is found by .dvc/%s', (name, text, dir) => {
    write('.dvc/config', '[cache]\n    dir = ../other\n');
    write(`.dvc/${name}`, text);
    const md5 = cache('content', { dir });
    const [found] = read(pointer(`outs:\n- md5: ${md5}\n  path: a.csv\n`));
    expect(found?.file).toBe(join(repository, dir, 'files/md5', md5.slice(0, 2), md5.slice(2)));
  });
});

test('what DVC 3.67.1 wrote for a folder is read as it is', () => {
  const list =
    '[{"md5": "f97c5d29941bfb1b2fdab0874906ab82", "relpath": "one.txt"}, {"md5": "b8a9f715dbb64fd5c56e7783c6820a61", "relpath": "sub/two.txt"}]';
  write('.dvc/config', '');
  for (const text of ['one', 'two']) cache(text);
  expect(cache(list, { suffix: '.dir' })).toBe('66e07f4f147e46c8a5008e08134ac023.dir');
  const text =
    'outs:\n- md5: 66e07f4f147e46c8a5008e08134ac023.dir\n  size: 6\n  nfiles: 2\n  hash: md5\n  path: images\n';
  expect(read(pointer(text, 'images.dvc')).map(({ path, md5 }) => [path, md5])).toEqual([
    ['images/one.txt', 'f97c5d29941bfb1b2fdab0874906ab82'],
    ['images/sub/two.txt', 'b8a9f715dbb64fd5c56e7783c6820a61'],
  ]);
});
