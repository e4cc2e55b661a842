import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { bundleInto, HOST_TARGET, LAMBDA_TARGET } from '../../lib/shared/bundle-code.ts';

const ROOT = join(import.meta.dirname, '../..');
const folders: string[] = [];
function bundled(handler: string, ...rest: [Parameters<typeof bundleInto>[2], Parameters<typeof bundleInto>[3]]) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bundle-'));
  folders.push(folder);
  const [domain, unit] = handler.split('/');
  bundleInto(folder, join(ROOT, `lambdas/${domain}/handlers/${unit}.ts`), ...rest);
  return folder;
}
const hashOf = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) =>
      createHash('sha256')
        .update(name)
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    );

describe('the code of a function', () => {
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  test('is one module that runs with no package beside it', () => {
    const folder = bundled('lineage/api', [], LAMBDA_TARGET);
    expect(readdirSync(folder)).toEqual(['index.mjs']);
    const program = 'console.log(typeof (await import(process.argv[1])).handler)';
    const args = ['--input-type=module', '--eval', program, join(folder, 'index.mjs')];
    expect(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).trim()).toBe('function');
  });

  test('is the same, byte for byte, when it is built again', () => {
    const once = hashOf(bundled('lineage/api', [], LAMBDA_TARGET));
    expect(hashOf(bundled('lineage/api', [], LAMBDA_TARGET))).toEqual(once);
  });

  test('holds no path of the machine that built it', () => {
    const folder = bundled('lineage/publish-events', [], LAMBDA_TARGET);
    expect(readFileSync(join(folder, 'index.mjs'), 'utf8').includes(ROOT)).toBe(false);
  });

  test('has a native library beside it, for the platform that it will run on', () => {
    const files = readdirSync(bundled('lineage/api', ['onnxruntime'], LAMBDA_TARGET));
    expect(files.filter((name) => name.startsWith('libonnxruntime'))).not.toEqual([]);
    expect(HOST_TARGET).toEqual({ platform: process.platform, arch: process.arch });
  });
});
