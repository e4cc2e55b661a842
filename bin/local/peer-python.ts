import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { millraceFolder, python, pythonFolder } from './places.ts';
import { withLock } from './setup-lock.mjs';
import { run } from './setup-run.mjs';

/** Wheels, so that nothing is compiled; pyspark comes as its source only, which is a jar and needs no compiler. */
const SOURCES = ['--only-binary', ':all:', '--no-binary', 'pyspark'];

/**
 * The Python of an environment with exactly the packages of a requirements file (wheels, with hashes), made from the
 * project's own Python. It lies below `.millrace/` under the digest of the file, so that it is made once.
 */
export async function peerPython(requirementsFile: string): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 16);
  const folder = join(millraceFolder, 'peers', digest);
  const own = python.replace(pythonFolder, join(folder, process.platform === 'win32' ? 'Scripts' : 'bin'));
  const marker = join(folder, '.complete');
  const ready = () => existsSync(marker) && existsSync(own);
  if (ready()) return own;
  await withLock(`${folder}.lock`, async () => {
    if (ready()) return;
    rmSync(folder, { recursive: true, force: true });
    await must([python, '-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--no-compile'];
    await must([own, ...pip, ...SOURCES, '--require-hashes', '-r', requirementsFile]);
    writeFileSync(marker, '');
  });
  return own;
}

async function must(command: string[]): Promise<void> {
  const { PYTHONHOME: _home, PYTHONPATH: _path, PIP_TARGET: _target, ...env } = process.env;
  const { code, output } = await run(command, { env });
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${output}`);
}
