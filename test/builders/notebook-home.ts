import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NotebookScriptValues, notebookScript } from '../../lib/studio/notebook-script.ts';
import { ANNAS_SECRET } from './studio-secrets.ts';

export const TOKEN = 'mr_0123456789_of_anna';

/** What stands in for a program: a shell script, which is told its arguments and writes them down first. */
type Stubs = Partial<Record<'git' | 'pip' | 'aws', string>>;

const WORKING: Required<Stubs> = {
  git: 'for last; do :; done; mkdir -p "$last/.git"; echo "# rain" >"$last/README.md"',
  pip: 'mkdir -p "$(dirname "$2")/../installed"',
  aws: `echo ${TOKEN}`,
};

/** What SageMaker's image has and macOS has not. */
const LINUX_ONLY = {
  timeout: 'while [[ $1 =~ ^(--kill-after=)?[0-9]+$ ]]; do shift; done; exec "$@"',
  sha256sum: 'exec shasum -a 256',
};

export interface NotebookHome {
  readonly home: string;
  /** Runs the script as SageMaker does. */
  start(values?: Partial<NotebookScriptValues>): { status: number | null; output: string };
  /** What each stub was told so far, a line a call. */
  calls(program: 'git' | 'pip' | 'aws'): string[];
  read(path: string): string;
  has(path: string): boolean;
  /** What a program in the notebook prints. */
  run(program: string, ...args: string[]): string;
}

/** An empty home folder, and a PATH on which git, pip and aws are ours. */
export function aNotebookHome(stubs: Stubs = {}): NotebookHome {
  const root = mkdtempSync(join(tmpdir(), 'millrace-notebook-'));
  const home = join(root, 'home');
  const bin = join(root, 'bin');
  for (const folder of [home, bin]) mkdirSync(folder);
  for (const [name, text] of Object.entries({ ...WORKING, ...stubs })) {
    const path = join(bin, name);
    writeFileSync(path, `#!/bin/bash\nprintf '%s\\n' "$*" >>'${root}/${name}.calls'\n${text}\n`);
    chmodSync(path, 0o755);
  }
  if (process.platform === 'darwin')
    for (const [name, text] of Object.entries(LINUX_ONLY)) {
      writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    }
  // The real Python's own folder comes behind the stubs: a shim of a version manager would put itself before them.
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.base_prefix)'], { encoding: 'utf8' }).trim();
  const env = { HOME: home, PATH: `${bin}:${join(python, 'bin')}:/usr/bin:/bin`, LANG: 'C.UTF-8' };
  return {
    home,
    start(values = {}) {
      const script = join(root, 'start-notebook.sh');
      const told = {
        trackingUri: 'https://api1.execute-api.eu-central-1.amazonaws.com/v1/tracking',
        tokenSecretArn: ANNAS_SECRET,
        gitRepository: 'https://git.example.com/team/rain.git',
        ...values,
      };
      writeFileSync(script, notebookScript(told));
      const { status, stdout, stderr } = spawnSync('bash', [script], { env, encoding: 'utf8', cwd: root });
      return { status, output: stdout + stderr };
    },
    calls(program) {
      const path = join(root, `${program}.calls`);
      return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    },
    read: (path) => readFileSync(join(home, path), 'utf8'),
    has: (path) => existsSync(join(home, path)),
    run: (program, ...args) => execFileSync(program, args, { env, encoding: 'utf8', cwd: home, stdio: 'pipe' }).trim(),
  };
}
