import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MLFLOW_VERSION } from '../../lambdas/tracking/server-routes.ts';
import { notebookScript } from '../../lib/studio/notebook-script.ts';
import { aNotebookHome, type NotebookHome, TOKEN } from '../builders/notebook-home.ts';
import { ANNAS_SECRET } from '../builders/studio-secrets.ts';

const FOLDER = join(import.meta.dirname, '../../lib/studio');
const SCRIPT = join(FOLDER, 'start-notebook.sh');
const URI = 'https://api1.execute-api.eu-central-1.amazonaws.com/v1/tracking';
const STARTUP = '.ipython/profile_default/startup/00-millrace.py';
const filled = notebookScript({
  trackingUri: URI,
  tokenSecretArn: ANNAS_SECRET,
  gitRepository: 'https://git.example.com/a',
});

/** What a kernel has in its environment once IPython has run its startup files, and where it looks for modules first. */
const inKernel = (home: NotebookHome) =>
  JSON.parse(
    home.run(
      'python3',
      '-c',
      `exec(open("${join(home.home, STARTUP)}").read())
import json, os, sys
print(json.dumps({"env": dict(os.environ), "path": sys.path[0], "left": "_connect" in globals()}))`,
    ),
  ) as { env: Record<string, string>; path: string; left: boolean };

/** What a terminal has in its environment. */
const inTerminal = (home: NotebookHome) =>
  Object.fromEntries(
    home
      .run('bash', '-c', '. "$HOME/.bashrc"; . "$HOME/.profile"; env')
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  ) as Record<string, string>;

/** Every file below a folder with its text. */
const filesBelow = (folder: string): [string, string][] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [[path, readFileSync(path, 'utf8')]] : [];
  });

describe('the script', () => {
  test('is one that bash can read, as it is in the repository and filled in', () => {
    const home = aNotebookHome();
    const path = join(home.home, 'filled.sh');
    writeFileSync(path, filled);
    for (const each of [SCRIPT, path])
      expect(() => execFileSync('bash', ['-n', each], { stdio: 'pipe' })).not.toThrow();
  });

  test('has limits that add up to less than the five minutes that SageMaker waits', () => {
    const limits = [...filled.matchAll(/timeout --kill-after=(\d+) (\d+)/g)].map(
      ([, kill, most]) => Number(kill) + Number(most),
    );
    expect(limits).toHaveLength(3);
    expect(limits.reduce((sum, each) => sum + each)).toBeLessThan(280);
  });

  test('stays within the 16384 characters of base64 that SageMaker takes, with the longest values', () => {
    const longest = notebookScript({
      trackingUri: `${URI}/t/${'w'.repeat(63)}`,
      tokenSecretArn: `${ANNAS_SECRET}${'s'.repeat(512)}`,
      gitRepository: `https://git.example.com/${'r'.repeat(276)}`,
    });
    expect(Buffer.from(longest).toString('base64').length).toBeLessThan(16_384);
  });

  test.each(["it's", 'say "a"', 'a`b`', 'a$(b)', 'a\\b'])('takes no value that could leave its quotes: %s', (value) => {
    expect(() => notebookScript({ trackingUri: URI, gitRepository: value })).toThrow(
      /^GIT_REPOSITORY: got .*, a value in a script holds no quotes$/,
    );
  });

  test('leaves no placeholder', () => {
    expect(filled).not.toMatch(/@[A-Z_]+@/);
  });
});

describe('the clients', () => {
  const lines = readFileSync(join(FOLDER, 'notebook-requirements.txt'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));

  test('are named by their exact versions', () => {
    for (const line of lines) expect(line).toMatch(/^[a-z0-9-]+==\d+(\.\d+)+$/);
  });

  test('speak the version of MLflow that the tracking API speaks', () => {
    expect(lines).toContain(`mlflow-skinny==${MLFLOW_VERSION}`);
  });

  test('are what pip is told to install, beside the packages of the image', () => {
    const home = aNotebookHome();
    home.start();
    const [call = '', ...others] = home.calls('pip');
    expect(others).toEqual([]);
    expect(call).toMatch(/^--python \S+\/bin\/python install .*-r \S+\/requirements\.txt$/);
    expect(home.read('.millrace/requirements.txt').trim().split('\n')).toEqual(lines);
    expect(home.read('.millrace/clients/pyvenv.cfg')).toMatch(/include-system-site-packages = true/);
  });
});

describe('the start of a notebook in an empty home', () => {
  const home = aNotebookHome();
  const { status, output } = home.start();

  test('succeeds, and says nothing but in its log', () => {
    expect([status, output]).toEqual([0, '']);
    expect(home.read('.millrace/start.log')).toMatch(/^\S+Z done\n$/);
  });

  test('connects kernels: tracking URI, token, and the clients before all other modules', () => {
    const { env, path, left } = inKernel(home);
    expect(env).toMatchObject({ MLFLOW_TRACKING_URI: URI, MLFLOW_TRACKING_TOKEN: TOKEN });
    expect(env).not.toHaveProperty('MLFLOW_TRACKING_AWS_SIGV4');
    expect(path).toMatch(/\.millrace\/clients\/lib\/python3\.\d+\/site-packages$/);
    expect(left).toBe(false);
  });

  test('connects terminals in the same way, and reads the secret once for each', () => {
    const before = home.calls('aws').length;
    const env = inTerminal(home);
    expect(env).toMatchObject({ MLFLOW_TRACKING_URI: URI, MLFLOW_TRACKING_TOKEN: TOKEN });
    expect(env['PYTHONPATH']).toBe(
      join(
        home.home,
        '.millrace/clients/lib',
        readdirSync(join(home.home, '.millrace/clients/lib'))[0] as string,
        'site-packages',
      ),
    );
    expect(home.calls('aws').length - before).toBe(1);
  });

  test('asks for the secret by its ARN, in its region', () => {
    for (const call of home.calls('aws'))
      expect(call).toBe(
        `secretsmanager get-secret-value --region eu-central-1 --secret-id ${ANNAS_SECRET} --query SecretString --output text`,
      );
  });

  test('writes the token into no file', () => {
    const files = filesBelow(home.home);
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter(([, text]) => text.includes(TOKEN)).map(([path]) => path)).toEqual([]);
  });

  test('lets nobody else read what it writes', () => {
    for (const path of [STARTUP, '.millrace/environment.sh'])
      expect(statSync(join(home.home, path)).mode & 0o077).toBe(0);
  });

  test('clones the repository, and asks nobody for a password', () => {
    expect(home.has('rain/.git')).toBe(true);
    expect(home.calls('git')).toEqual([
      `clone --quiet -- https://git.example.com/team/rain.git ${join(home.home, '.millrace/clone')}`,
    ]);
    expect(filled).toContain('GIT_TERMINAL_PROMPT=0');
  });
});

describe('a second start', () => {
  test('does nothing twice, and leaves what the person changed', () => {
    const home = aNotebookHome();
    home.start();
    const before = [
      home.read('.bashrc'),
      home.read('.profile'),
      home.read(STARTUP),
      home.read('.millrace/environment.sh'),
    ];
    writeFileSync(join(home.home, 'rain/README.md'), 'mine');
    expect(home.start()).toEqual({ status: 0, output: '' });
    expect([
      home.read('.bashrc'),
      home.read('.profile'),
      home.read(STARTUP),
      home.read('.millrace/environment.sh'),
    ]).toEqual(before);
    expect(home.read('rain/README.md')).toBe('mine');
    expect([home.calls('git').length, home.calls('pip').length]).toEqual([1, 1]);
  });

  test('finishes what the first one could not', () => {
    const flaky = '[ "$(wc -l <"$0.tries" 2>/dev/null || echo 0)" -ge 1 ] || { echo >>"$0.tries"; exit 1; }';
    const home = aNotebookHome({
      git: `${flaky}; for last; do :; done; mkdir -p "$last/.git"`,
      pip: flaky,
    });
    home.start();
    expect([home.has('rain'), home.has('.millrace/clients')]).toEqual([false, false]);
    home.start();
    expect([home.has('rain/.git'), home.has('.millrace/clients/complete')]).toEqual([true, true]);
  });

  test('keeps the line that a person wrote at the end of their profile apart from ours', () => {
    const home = aNotebookHome();
    writeFileSync(join(home.home, '.bashrc'), 'export MINE=1');
    home.start();
    expect(inTerminal(home)).toMatchObject({ MINE: '1', MLFLOW_TRACKING_URI: URI });
  });

  test('is read by a login shell that has a profile of its own kind', () => {
    const home = aNotebookHome();
    writeFileSync(join(home.home, '.bash_profile'), '');
    home.start();
    expect([home.has('.profile'), home.read('.bash_profile').includes('environment.sh')]).toEqual([false, true]);
  });
});

describe('a start where something is wrong', () => {
  test.each<['git' | 'pip', string]>([
    ['git', 'clone_repository'],
    ['pip', 'install_clients'],
  ])('succeeds without %s, does the rest and says what is missing', (program, step) => {
    const home = aNotebookHome({ [program]: 'echo "no network" >&2; exit 1' });
    expect(home.start()).toEqual({ status: 0, output: '' });
    expect(home.read('.millrace/start.log')).toMatch(new RegExp(`no network\\n.* ${step} did not succeed\\n`));
    expect(inKernel(home).env).toMatchObject({ MLFLOW_TRACKING_URI: URI, MLFLOW_TRACKING_TOKEN: TOKEN });
    expect([home.has('rain'), home.has('.millrace/clients')]).toEqual([program !== 'git', program !== 'pip']);
  });

  test('succeeds where nothing can be written', () => {
    const home = aNotebookHome();
    writeFileSync(join(home.home, '.millrace'), 'a file in the way');
    chmodSync(join(home.home, '.millrace'), 0o400);
    expect(home.start().status).toBe(0);
  });

  test('leaves kernels and terminals without a token that cannot be read, and says why', () => {
    const home = aNotebookHome({ aws: 'echo "AccessDeniedException" >&2; exit 254' });
    home.start();
    expect(inKernel(home).env).not.toHaveProperty('MLFLOW_TRACKING_TOKEN');
    expect(inTerminal(home)).not.toHaveProperty('MLFLOW_TRACKING_TOKEN');
    const said = home.run('bash', '-c', `python3 ${join(home.home, STARTUP)} 2>&1; . "$HOME/.bashrc" 2>&1`);
    expect(said.match(/The API token could not be read/g)).toHaveLength(2);
    expect(said).toContain('AccessDeniedException');
  });
});

describe('a start where the tracking API takes signatures', () => {
  const home = aNotebookHome();
  home.start({ tokenSecretArn: undefined, trackingUri: `${URI}/t/radar` });

  test('has kernels and terminals sign, and asks for no secret', () => {
    const signing = { MLFLOW_TRACKING_URI: `${URI}/t/radar`, MLFLOW_TRACKING_AWS_SIGV4: 'true' };
    for (const env of [inKernel(home).env, inTerminal(home)]) {
      expect(env).toMatchObject(signing);
      expect(env).not.toHaveProperty('MLFLOW_TRACKING_TOKEN');
    }
    expect(home.calls('aws')).toEqual([]);
  });
});
