import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { LocalErrors } from './errors.ts';
import { runsFolder } from './places.ts';
import { isRunning, killProcess, running } from './processes.ts';

/** What an instance's `state.json` says, so that any process finds it again. */
export const Instance = z.object({
  name: z.string(),
  /** The process that starts it, which answers for the folder until the emulator runs. */
  starter: z.int(),
  started: z.iso.datetime(),
  /** The emulator's process (and process group), port and URL, once it answers. */
  pid: z.int().optional(),
  port: z.int().optional(),
  endpoint: z.string().optional(),
  /** The edge's stand-in: the tracking URI. */
  edge: z.string().optional(),
  /** A token of all roles, once the platform is up: the local cloud is for one person on one machine. */
  token: z.string().optional(),
});
export type Instance = z.output<typeof Instance>;

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** A folder without a state is being made by somebody for at most this long. */
const UNCLAIMED_MS = 5000;

export function instanceFolder(name: string, runs = runsFolder): string {
  if (NAME.test(name)) return join(runs, name);
  throw LocalErrors.InstanceNameInvalid(
    `name: got "${name}", an instance's name has up to 40 lower-case letters, digits and hyphens`,
  );
}

/** Makes the folder of a new instance, which only one process can. */
export function claimInstance(name: string, runs = runsFolder): string {
  const folder = instanceFolder(name, runs);
  mkdirSync(runs, { recursive: true });
  removeStale(runs);
  try {
    mkdirSync(folder);
  } catch (cause) {
    throw LocalErrors.InstanceRunning(`name: got "${name}", a local cloud of that name is running`, { cause });
  }
  writeInstance(folder, { name, starter: process.pid, started: new Date().toISOString() });
  return folder;
}

/** Readable by its owner only, and never half written. */
export function writeInstance(folder: string, instance: Instance): void {
  const file = join(folder, 'state.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(instance, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function readInstance(folder: string): Instance | undefined {
  try {
    return Instance.parse(JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** The instance of that name, if it runs. */
export function findInstance(name: string, runs = runsFolder): Instance | undefined {
  const folder = instanceFolder(name, runs);
  const instance = readInstance(folder);
  return instance && lives(instance, folder) ? instance : undefined;
}

/** Every instance that runs, oldest first. */
export function liveInstances(runs = runsFolder): Instance[] {
  return folders(runs)
    .flatMap((folder) => {
      const instance = readInstance(folder);
      return instance && lives(instance, folder) ? [instance] : [];
    })
    .sort((one, other) => one.started.localeCompare(other.started));
}

/** Removes what instances left behind whose emulator is gone: their folder, and processes of their functions. */
export function removeStale(runs = runsFolder): void {
  const stale = folders(runs).filter(isStale);
  if (stale.length === 0) return;
  for (const { pid, command } of running()) {
    if (stale.some((folder) => command.includes(join(folder, 'tmp/')))) killProcess(pid);
  }
  for (const folder of stale) rmSync(folder, { recursive: true, force: true });
}

function isStale(folder: string): boolean {
  const instance = readInstance(folder);
  if (instance) return !lives(instance, folder);
  const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
  return Date.now() - mtimeMs > UNCLAIMED_MS;
}

/** The emulator's command line names its folder. */
const lives = ({ pid, starter }: Instance, folder: string): boolean =>
  pid === undefined ? isRunning(starter, '') : isRunning(pid, folder);

function folders(runs: string): string[] {
  try {
    return readdirSync(runs).map((name) => join(runs, name));
  } catch {
    return []; // nothing was ever started
  }
}

/** The local cloud that somebody means who names none: MILLRACE_INSTANCE, or the one that runs, or `local`. */
export function meantInstance(): string {
  const running = liveInstances();
  return process.env['MILLRACE_INSTANCE'] ?? (running.length === 1 ? running[0]?.name : undefined) ?? DEFAULT_INSTANCE;
}
/** What `millrace local up` starts. */
export const DEFAULT_INSTANCE = 'local';
