// Running the installers, and telling a person how long they take.
import { spawn } from 'node:child_process';

const windows = process.platform === 'win32';
const running = new Set();
let interrupted = false;

/** Runs a command to its end; gives its code (a name such as ENOENT where it cannot start) and all it said. */
export function run([command, ...args], { cwd, env }) {
  return new Promise((resolve) => {
    watchForInterrupts();
    // A group of its own, so that an interrupt ends its children too.
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: !windows });
    running.add(child);
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const end = (code) => {
      running.delete(child);
      // A command that was killed has nothing to explain: this process is about to end.
      if (!interrupted) resolve({ code, output });
    };
    child.on('error', (error) => end(error.code));
    child.on('close', end);
  });
}

/** Ends every installer that runs. */
function endAll() {
  interrupted = true;
  for (const child of running) {
    try {
      if (windows) child.kill();
      else process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

function watchForInterrupts() {
  if (process.listenerCount('SIGINT') > 0) return;
  process.on('exit', endAll);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])
    process.on(signal, () => process.exit(code));
}

const shown = new Set();
let timer;

/** Says on stderr that something is being installed; the function it gives says how long that took. */
export function progress(what) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const live = process.stderr.isTTY;
  if (live) {
    shown.add(what);
    timer ??= setInterval(
      () => process.stderr.write(`\r\x1b[2KInstalling ${[...shown].join(' and ')} … ${seconds()} s`),
      500,
    );
  } else {
    process.stderr.write(`Installing ${what} …\n`);
  }
  return () => {
    shown.delete(what);
    if (live && shown.size === 0) timer = clearInterval(timer);
    process.stderr.write(`${live ? '\r\x1b[2K' : ''}Installed ${what}: ${seconds()} s\n`);
  };
}
