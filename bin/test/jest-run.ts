import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { command, ROOT } from '../check/command.ts';
import { type Tally, talliesOf } from './tally.ts';

export interface JestOptions {
  /** Names the report's file. */
  name: string;
  files: readonly string[];
  env?: Record<string, string | undefined>;
  workers: number;
  /** Most seconds that one test may take, where it does not say itself. */
  timeoutSeconds: number;
}

/** Runs test files with jest, shows its report as it grows, and gives the tally of each file. */
export async function runJest({ name, files, env, workers, timeoutSeconds }: JestOptions): Promise<Map<string, Tally>> {
  const folder = join(ROOT, '.millrace/test');
  const report = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = [
    ...['node_modules/jest/bin/jest.js', '--ci', '--json', `--outputFile=${report}`, '--reporters=default'],
    ...[`--maxWorkers=${workers}`, `--testTimeout=${timeoutSeconds * 1000}`, '--runTestsByPath', ...files],
  ];
  const { code } = await command(process.execPath, [...node, ...jest], { env, show: true });
  const tallies = new Map<string, Tally>();
  for (const [path, tally] of talliesOf(readReport(report, code))) {
    tallies.set(relative(ROOT, path).split(sep).join('/'), tally);
  }
  // What jest did not come to is not passed.
  for (const file of files) if (!tallies.has(file)) tallies.set(file, { passed: 0, failed: 1, skipped: 0 });
  return tallies;
}

function readReport(path: string, code: number) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Parameters<typeof talliesOf>[0];
  } catch {
    process.stderr.write(`jest ended with code ${code} and left no report\n`);
    return { testResults: [] };
  }
}
