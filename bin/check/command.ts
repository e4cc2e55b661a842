import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

const running = new Set<ChildProcess>();

export interface Result {
  code: number;
  /** Standard output and standard error as they came; empty when they were shown at once. */
  output: string;
}

export interface CommandOptions {
  env?: Record<string, string | undefined>;
  /** Shows the output as it comes instead of keeping it; standard output goes to standard error. @default false */
  show?: boolean;
}

/** Runs a program at the repository's root without a shell; it ends when this process is told to end. */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...options.env },
      stdio: options.show ? ['ignore', process.stderr, process.stderr] : ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (output += text));
    child.on('error', (error) => resolve({ code: 127, output: `${program}: ${error.message}` }));
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0), output });
    });
  });
}

/** A package's own program, run by this very Node. */
export const tool = (path: string, args: readonly string[], options?: CommandOptions): Promise<Result> =>
  command(process.execPath, [join(ROOT, 'node_modules', path), ...args], options);

/** Ends every program that still runs, by its id; resolves when all are gone. */
export async function endCommands(): Promise<void> {
  const ended = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of running) child.kill('SIGTERM');
  const force = setTimeout(() => {
    for (const child of running) child.kill('SIGKILL');
  }, 5000);
  await Promise.all(ended);
  clearTimeout(force);
}
