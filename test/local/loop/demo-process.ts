import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { instanceFolder } from '../../../bin/local/instances.ts';
import { projectRoot } from '../../../bin/local/places.ts';
import { type Running, running } from '../../../bin/local/processes.ts';

/** `npm run demo -- --json` as a process of its own, which a test reads and may interrupt. */
export function startDemo() {
  const mark = randomUUID();
  const { AWS_ENDPOINT_URL: _url, MILLRACE_TEST_CLOUD: _cloud, ...env } = process.env;
  const child = spawn(process.execPath, ['bin/demo.ts', '--json'], {
    cwd: projectRoot,
    env: { ...env, MILLRACE_TEST_MARK: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const closed = once(child, 'close') as Promise<[number | null]>;
  const folder = instanceFolder(`demo-${child.pid}`);
  /** What it started: the emulator and its workers name its folder, its tools have its environment. */
  const processes = () =>
    running().filter(({ pid, command }) => pid !== child.pid && (command.includes(folder) || hasMark(pid, mark)));
  return {
    text,
    processes,
    /** The stations that are over, one object a line of standard output. */
    lines: () => text.stdout.split('\n').slice(0, -1),
    /** One of its processes by a part of its command line. */
    finds: (command: string) => processes().some((each: Running) => each.command.includes(command)),
    interrupt: () => child.kill('SIGINT'),
    /** Its exit code, once it is over. */
    ended: async () => (await closed)[0],
    leaves: () => ({ processes: processes().map(({ command }) => command), folder: existsSync(folder) }),
  };
}

/** On systems without /proc the command line has to do. */
function hasMark(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
  } catch {
    return false;
  }
}
