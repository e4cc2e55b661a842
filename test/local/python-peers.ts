import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { millraceFolder, python } from '../../bin/local/places.ts';

const run = promisify(execFile);

/** Comes as source only, and is nothing that a compiler makes. */
const SOURCE_ONLY = 'pyspark';

/**
 * A Python with other people's packages, to compare our own results with: made once for each requirements file, below
 * `.millrace/`. Every package is held by its hash.
 */
export async function peerPython(requirementsFile: string): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 16);
  const folder = join(millraceFolder, 'peers', digest);
  const programs = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
  if (existsSync(join(folder, 'complete'))) return join(folder, programs);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run(python, ['-m', 'venv', folder]);
  await run(
    join(folder, programs),
    [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--require-hashes',
      '--only-binary',
      ':all:',
      '--no-binary',
      SOURCE_ONLY,
      '-r',
      requirementsFile,
    ],
    { timeout: 600_000, maxBuffer: 1 << 24 },
  );
  // Written last: what was interrupted is made again.
  writeFileSync(join(folder, 'complete'), '');
  return join(folder, programs);
}
