import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keepNewest, shareAssetArchives } from '../../../bin/local/asset-cache.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-assets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the archives of assets', () => {
  test('are found by the next deployment, and outlive the one that made them', () => {
    const cache = join(folder, 'cache');
    for (const name of ['one', 'two']) {
      mkdirSync(join(folder, name));
      shareAssetArchives(join(folder, name), cache);
    }
    writeFileSync(join(folder, 'one/.cache/abc.zip'), 'packed');
    rmSync(join(folder, 'one'), { recursive: true });
    expect(readFileSync(join(folder, 'two/.cache/abc.zip'), 'utf8')).toBe('packed');
  });

  test('are kept up to a size, the newest first', () => {
    for (const [i, name] of ['oldest', 'older', 'newer', 'newest'].entries()) {
      writeFileSync(join(folder, name), 'x'.repeat(100));
      utimesSync(join(folder, name), i, i);
    }
    keepNewest(folder, 250);
    expect(readdirSync(folder).sort()).toEqual(['newer', 'newest']);
  });
});
