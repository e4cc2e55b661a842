import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** One process of this machine: its id, its process group and its command line. */
export interface Running {
  pid: number;
  group: number;
  command: string;
}

/** Every process that is not already ended and waiting to be collected; on Windows none is seen. */
export function running(): Running[] {
  if (process.platform === 'linux') return readdirSync('/proc').flatMap(fromProc);
  return process.platform === 'win32' ? [] : ps('-Ax');
}

/** Whether that process runs and its command line has `text`: a process id alone may be another program's by now. */
export function isRunning(pid: number, text: string): boolean {
  if (process.platform === 'linux') return fromProc(String(pid)).some(({ command }) => command.includes(text));
  if (process.platform !== 'win32') return ps('-p', String(pid)).some(({ command }) => command.includes(text));
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function fromProc(name: string): Running[] {
  if (!/^\d+$/.test(name)) return [];
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The command's name stands in parentheses and may hold anything; state, parent and group follow it.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return state === 'Z' || state === 'X' ? [] : [{ pid: Number(name), group: Number(group), command }];
  } catch {
    return []; // ended meanwhile
  }
}

function ps(...which: string[]): Running[] {
  return text('ps', [...which, '-ww', '-o', 'pid=,pgid=,stat=,command='])
    .split('\n')
    .flatMap((line) => {
      const [, pid, group, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), group: Number(group), command }];
    });
}

function text(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return ''; // ps ends with 1 where it found no process
  }
}

/** Ends a process group at once; what has ended already is no error. */
export function killGroup(leader: number): void {
  if (process.platform === 'win32') text('taskkill', ['/pid', String(leader), '/t', '/f']);
  else killProcess(-leader);
}

/** Ends a process at once; what has ended already is no error. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Ends a process group and waits until nothing of it runs. */
export async function endGroup(leader: number, seconds = 5): Promise<void> {
  killGroup(leader);
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(20)) {
    if (!running().some(({ group }) => group === leader)) return;
  }
}
