import { spawn } from 'node:child_process';
import { killGroup } from './processes.ts';

export interface Tool {
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Ends the tool when it aborts. */
  signal?: AbortSignal;
}

export interface ToolEnd {
  code: number;
  /** Both streams, in order of arrival. */
  output: string;
}

const ended = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const groups = new Set<number>();

/** Runs a Node program with this Node and waits for its end. It never outlives this process, nor does what it starts. */
export function runTool({ args, cwd, env, signal }: Tool): Promise<ToolEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const group = child.pid;
    const abort = () => group && killGroup(group);
    if (group) watch(group);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      signal?.removeEventListener('abort', abort);
      if (group) unwatch(group);
      resolve({ code: code ?? 1, output });
    });
  });
}

function endGroups(): void {
  for (const group of groups) killGroup(group);
}

/** Without a listener of its own a signal would end this process before it can end its tools. */
function onSignal(signal: keyof typeof ended): void {
  endGroups();
  if (process.listenerCount(signal) === 1) process.exit(ended[signal]);
}

function watch(group: number): void {
  if (groups.size === 0) {
    process.on('exit', endGroups);
    for (const signal of Object.keys(ended)) process.on(signal, onSignal);
  }
  groups.add(group);
}

function unwatch(group: number): void {
  groups.delete(group);
  if (groups.size > 0) return;
  process.removeListener('exit', endGroups);
  for (const signal of Object.keys(ended)) process.removeListener(signal, onSignal);
}
