import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { TrainingErrors } from '../errors.ts';

export interface ScriptToRun {
  /** Program and arguments; no shell reads them. */
  command: readonly string[];
  folder: string;
  /** All that the script sees of an environment: nothing is inherited, credentials least of all. */
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** The last this many characters of what a script said are kept. */
const KEPT_OUTPUT = 16_384;
/** Stands in the environment of every process that the script starts, unless it takes care to drop it. */
const MARK = 'MILLRACE_TRAINING_PROCESS';

/**
 * Runs beside the script, in a process group of its own, and ends that group when the pipe to this process closes:
 * a worker that is killed leaves no script behind. Plain text, since a bundled function has no second file.
 */
const WATCHDOG = `
  const { spawn } = require('node:child_process');
  const [command, ...rest] = JSON.parse(process.argv[1]);
  const end = () => process.kill(-process.pid, 'SIGKILL');
  process.stdin.on('end', end).on('error', end).resume();
  const script = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
  script.on('error', (error) => { process.stderr.write(error.message); process.exit(127); });
  script.on('exit', (code, signal) => process.exit(signal ? 128 : code));
`;

/**
 * Runs a training script to its end and returns the end of its output.
 * Whatever way it ends, no process of it is left.
 * @throws TrainingScriptFailed with its exit code and last words, or when its time was up
 */
export async function runScript(script: ScriptToRun): Promise<string> {
  const mark = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  const child = spawn(process.execPath, ['-e', WATCHDOG, '--', JSON.stringify(script.command)], {
    cwd: script.folder,
    env: { ...script.environment, [MARK]: mark },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // The pipe's other end goes with the watchdog; that is no error of ours.
  child.stdin.on('error', () => {});
  let timedOut = false;
  const endAll = () => {
    killGroup(child.pid);
    killMarked(mark);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    endAll();
  }, script.timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode) => resolve(exitCode));
    });
    if (timedOut) {
      throw TrainingErrors.TrainingScriptFailed(
        `script: ran longer than ${script.timeoutMs / 1000} seconds and was ended; it said: ${output}`,
      );
    }
    if (code !== 0) throw TrainingErrors.TrainingScriptFailed(`script: ended with code ${code}; it said: ${output}`);
    return output;
  } finally {
    clearTimeout(timer);
    endAll();
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

/** A process that left the group is found by the mark in its environment, where the system shows it (Linux). */
function killMarked(mark: string): void {
  for (const pid of processIds()) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${MARK}=${mark}\0`)) continue;
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile, or another user's.
    }
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
