import { describe, expect, test } from '@jest/globals';
import { complaintsAbout, FILE_RULES } from '../../bin/check/file-rules.ts';

/** One violation a rule, and beside it what looks alike and is allowed. */
const PLANTS: Record<string, { bad: [path: string, text: string][]; good: [path: string, text: string][] }> = {
  'top-level': {
    bad: [['notes/plan.md', '']],
    good: [['docs/plan.md', '']],
  },
  size: {
    bad: [['lib/data/big.ts', '\n'.repeat(301)]],
    good: [
      ['lib/data/big.ts', '\n'.repeat(300)],
      ['package-lock.json', '\n'.repeat(5000)],
    ],
  },
  'file-name': {
    bad: [
      ['lambdas/data/utils.ts', ''],
      ['lambdas/data/index.ts', ''],
      ['test/data/helpers.test.ts', ''],
      ['lambdas/data/readCsv.ts', ''],
    ],
    good: [
      ['lambdas/data/read-csv.ts', ''],
      ['test/data/column-types.test.ts', ''],
      ['examples/weather/train_model.py', ''],
    ],
  },
  'empty-name': {
    bad: [
      ['lambdas/data/reader.ts', 'export class UploadManager {}'],
      ['lambdas/data/reader.ts', 'export interface ModelInfo {}'],
      ['lambdas/data/reader.ts', 'type RunInfo<T> = T;'],
    ],
    good: [
      ['lambdas/data/reader.ts', 'export interface Upload {}'],
      ['lambdas/data/schema.ts', 'type RunInfo { runId: String }'],
    ],
  },
  environment: {
    bad: [['lambdas/data/reader.ts', 'const table = process.env.TABLE;']],
    good: [
      ['lambdas/shared/env.ts', 'schema.parse(process.env)'],
      ['bin/start.mjs', 'process.env.PATH'],
    ],
  },
  grants: {
    bad: [['lib/data/zones.ts', 'this.table.grantReadWriteData(fn);']],
    good: [['lib/data/zones.ts', 'this.table.allowWrite(fn);']],
  },
  'no-shell': {
    bad: [
      ['bin/run.ts', "import { exec } from 'node:child_process';"],
      ['bin/run.ts', "import { spawn, execSync } from 'child_process';"],
      ['bin/run.ts', "spawn('ls', { shell: true })"],
      ['bin/local/launcher.py', 'subprocess.run(text, shell=True)'],
    ],
    good: [
      ['bin/run.ts', "import { execFile, spawn } from 'node:child_process';"],
      ['bin/run.ts', 'const match = /a/.exec(text);'],
    ],
  },
  'custom-operators': {
    bad: [['lambdas/serving/aws/session.ts', 'options.registerCustomOpsLibrary(path)']],
    good: [['lambdas/serving/aws/session.ts', 'InferenceSession.create(bytes)']],
  },
  'module-mocks': {
    bad: [['test/data/reader.test.ts', "jest.unstable_mockModule('../../lambdas/data/reader.ts')"]],
    good: [['test/data/reader.test.ts', 'jest.fn()']],
  },
  'own-machine': {
    bad: [
      ['README.md', 'it lies in /home/anna/millrace'],
      ['lib/data/zones.ts', "readFileSync('/work/main/cdk.json')"],
    ],
    good: [['README.md', 'it lies in $HOME/work/millrace, answers at /v2/models, and sees /opt/ml/input']],
  },
  'registry-hosts': {
    bad: [['CONTRIBUTING.md', 'pip install --index-url https://pypi.org/simple']],
    good: [['CONTRIBUTING.md', 'pip install comes from PyPI']],
  },
  'lock-file': {
    bad: [['package-lock.json', '"resolved": "https://packages.example.com/zod.tgz"']],
    good: [['package-lock.json', '"integrity": "sha512-AAAA"']],
  },
};

describe('the rules for files', () => {
  const plants = Object.entries(PLANTS).flatMap(([rule, { bad }]) =>
    bad.map(([path, text]) => ({ rule, path, text, shown: text.slice(0, 50) })),
  );

  test.each(plants)('$rule complains about $path with $shown, and no other rule does', ({ rule, path, text }) => {
    expect(complaintsAbout([{ path, text }]).map((complaint) => complaint.rule)).toEqual([rule]);
  });

  test.each(Object.entries(PLANTS).flatMap(([rule, { good }]) => good.map(([path, text]) => ({ rule, path, text }))))(
    '$rule lets $path be',
    ({ path, text }) => {
      expect(complaintsAbout([{ path, text }])).toEqual([]);
    },
  );

  test('every rule has a plant', () => {
    expect(Object.keys(PLANTS).sort()).toEqual(FILE_RULES.map(({ name }) => name).sort());
  });

  test('a complaint names the line', () => {
    const [complaint] = complaintsAbout([{ path: 'lib/data/zones.ts', text: '\n\nfn.grant(role);' }]);
    expect(complaint?.why).toMatch(/^line 3: /);
  });
});
