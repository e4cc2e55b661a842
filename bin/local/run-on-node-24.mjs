// Runs one program of the project on its own Node 24, in the foreground.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { node24 } from './setup.mjs';

/** Gives the exit code that the program ended with; signals that reach this process reach the program. */
export async function runOnNode24(root, script, words) {
  // Node 24's first releases warn that they run TypeScript.
  const args = ['--disable-warning=ExperimentalWarning', join(root, script), ...words];
  const node = node24(root);
  const code = await run(node, args, environment(root, node));
  if (code !== 'cannot start') return code;
  // The package's Node needs a C library that this system lacks (Alpine).
  const own = node24(root, { version: process.versions.node, execPath: process.execPath });
  return run(own, args, environment(root, own));
}

function run(node, args, env) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { stdio: 'inherit', env });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.removeAllListeners(signal);
      process.on(signal, () => child.kill(signal));
    }
    child.on('error', () => resolve('cannot start'));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/**
 * Node 24 and the project's tools come first for everything the program starts. What Node has compiled is kept: half of
 * a command's time is stripping and compiling the same files again.
 */
function environment(root, node) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const path = [dirname(node), join(root, 'node_modules/.bin'), process.env[name]].filter(Boolean).join(delimiter);
  return { NODE_COMPILE_CACHE: join(root, '.millrace/cache/node'), ...process.env, [name]: path };
}
