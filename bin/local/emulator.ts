import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { edgeAddress } from './edge-address.ts';
import { LocalErrors } from './errors.ts';
import { claimInstance, type Instance, writeInstance } from './instances.ts';
import { nodeFolder, python, pythonFolder } from './places.ts';
import { endGroup, killGroup } from './processes.ts';

export interface EmulatorOptions {
  /** Names the instance's folder below `.millrace/run/`; default: one of its own. */
  name?: string;
  /** Factor on every Wait of a state machine; default 1, which is real time. Tests take 0. */
  waitScale?: number;
  /** How long it may take to answer, in seconds; default 60, since the first start compiles the emulator. */
  deadlineSeconds?: number;
  /** How much the emulator's own log says; default WARNING. */
  logLevel?: 'DEBUG' | 'INFO' | 'WARNING';
}

/** A running emulator. It ends with this process, however that ends, unless it is released. */
export interface Emulator {
  readonly name: string;
  readonly folder: string;
  readonly endpoint: string;
  /** The edge's stand-in, which is the platform's tracking URI once it is deployed. */
  readonly edge: string;
  readonly pid: number;
  /** Lets it outlive this process; `stopInstance` ends it then, from anywhere. */
  release(): void;
  /** Ends it and every process of its functions, and removes its folder. */
  stop(): Promise<void>;
}

const LAUNCHER = join(import.meta.dirname, 'launcher.py');
/** The stand-in for the edge, which the launcher starts beside the emulator. */
const EDGE = join(import.meta.dirname, 'edge-server.ts');
const HOST = '127.0.0.1';
/** Another process may take the free port before the emulator does. */
const ATTEMPTS = 5;

let started = 0;

/** Starts an emulator of its own on a free port: several live side by side. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  if (!existsSync(python)) {
    throw LocalErrors.SetUpMissing('the local cloud is not installed in this checkout: npm run demo sets it up');
  }
  const name = options.name ?? `run-${process.pid}-${++started}`;
  const folder = claimInstance(name);
  try {
    return await startIn(folder, name, options);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(folder: string, name: string, options: EmulatorOptions): Promise<Emulator> {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  // The emulator writes its workers' script below TMPDIR; this project's "type": "module" must not reach it.
  writeFileSync(join(temporary, 'package.json'), '{}\n');
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = launch(folder, port, options);
    const endWithUs = () => {
      if (child.pid) killGroup(child.pid);
      rmSync(folder, { recursive: true, force: true });
    };
    process.once('exit', endWithUs);
    const problem = await untilHealthy(child, port, folder, options.deadlineSeconds ?? 60);
    if (problem === undefined && child.pid) return emulator(folder, name, port, child, endWithUs);
    process.removeListener('exit', endWithUs);
    if (child.pid) await endGroup(child.pid);
    const log = logTail(folder);
    if (attempt === ATTEMPTS || !/already in use/.test(log)) {
      throw LocalErrors.EmulatorFailed(`the emulator ${problem}${log && `; its log ends with:\n${log}`}`);
    }
  }
}

function launch(folder: string, port: number, { waitScale = 1, logLevel = 'WARNING' }: EmulatorOptions): ChildProcess {
  const log = openSync(join(folder, 'emulator.log'), 'w', 0o600);
  const child = spawn(python, [LAUNCHER, folder, '--until-released', '--edge', process.execPath, EDGE], {
    cwd: join(folder, 'tmp'),
    env: environment(folder, port, waitScale, logLevel),
    stdio: ['pipe', log, log],
    // A process group of its own: Ctrl-C in a terminal does not reach it, and one signal ends it with its workers.
    detached: true,
  });
  closeSync(log);
  child.on('error', () => {}); // told by untilHealthy
  child.stdin?.on('error', () => {});
  // It must not keep this process waiting; the pipe's end is what tells the launcher that this process is gone.
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

/** Every function sees these variables, so there is nothing in them of the person who runs this. */
function environment(folder: string, port: number, waitScale: number, logLevel: string): NodeJS.ProcessEnv {
  const temporary = join(folder, 'tmp');
  return {
    // Functions run on the first `node`, the training stand-in on the first `python3`.
    PATH: [nodeFolder, pythonFolder, process.env['PATH']].join(delimiter),
    HOME: temporary,
    // As in Lambda.
    TZ: 'UTC',
    TMPDIR: temporary,
    STATE_DIR: temporary,
    GATEWAY_PORT: String(port),
    BIND_HOST: HOST,
    MINISTACK_HOST: HOST,
    // The health check answers with it, so that nobody takes another emulator for this one.
    MINISTACK_VERSION: folder,
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    // The emulator's part of each function's process calls url.parse(): not a line for the function's log.
    NODE_OPTIONS: '--disable-warning=DEP0169',
    // Every function runs under its own role and is refused what the role does not grant.
    AUTH: 'true',
    SFN_WAIT_SCALE: String(waitScale),
    LOG_LEVEL: logLevel,
  };
}

/** Nothing once it answers, else what went wrong. */
async function untilHealthy(
  child: ChildProcess,
  port: number,
  folder: string,
  seconds: number,
): Promise<string | undefined> {
  let spawnError: Error | undefined;
  child.on('error', (error) => {
    spawnError = error;
  });
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(25)) {
    if (spawnError) return `could not be started (${spawnError.message})`;
    if (child.exitCode !== null || child.signalCode !== null) return `ended with ${child.exitCode ?? child.signalCode}`;
    const version = await health(port);
    if (version === folder && edgeAddress(folder)) return undefined;
  }
  return `did not answer within ${seconds} s`;
}

async function health(port: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://${HOST}:${port}/_ministack/health`, { signal: AbortSignal.timeout(2000) });
    return ((await answer.json()) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

function emulator(folder: string, name: string, port: number, child: ChildProcess, endWithUs: () => void): Emulator {
  const pid = child.pid as number;
  const endpoint = `http://${HOST}:${port}`;
  const edge = edgeAddress(folder) as string;
  const started = new Date().toISOString();
  const state: Instance = { name, starter: process.pid, started, pid, port, endpoint, edge };
  writeInstance(folder, state);
  return {
    name,
    folder,
    endpoint,
    edge,
    pid,
    release() {
      process.removeListener('exit', endWithUs);
      child.stdin?.end('release\n');
    },
    async stop() {
      process.removeListener('exit', endWithUs);
      await stopInstance(folder, pid);
    },
  };
}

/** Ends the emulator `pid` with everything its functions run, and removes its folder. */
export async function stopInstance(folder: string, pid: number): Promise<void> {
  await endGroup(pid);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** The end of the emulator's log, for messages. */
function logTail(folder: string, lines = 15): string {
  try {
    return readFileSync(join(folder, 'emulator.log'), 'utf8').trim().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
