import { execFile, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Ground } from './ground.ts';

const run = promisify(execFile);

export interface StockServers {
  /** By the number of worker processes; they share one database. */
  oneWorker: Ground;
  /** The server's default: four. */
  default: Ground;
  stop(): void;
}

/** `mlflow server` on an SQLite database that holds `runs` runs in one experiment, and a metric of 10,000 points. */
export async function startStockServers(python: string, folder: string, runs: number): Promise<StockServers> {
  const env = {
    ...process.env,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    // Ten processes that wait for jobs of its AI features, and cost it memory and time.
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    // The environment is installed without it, and each worker would compile the server again.
    PYTHONPYCACHEPREFIX: join(dirname(dirname(python)), 'pycache'),
  };
  const database = join(folder, 'mlflow.db');
  const filled = await run(python, [join(import.meta.dirname, 'fill_stock.py'), database, String(runs)], { env });
  const { experiment, run: historyRun } = JSON.parse(filled.stdout) as { experiment: string; run: string };
  const stops: (() => void)[] = [];
  const start = async (workers: number): Promise<Ground> => {
    const port = await freePort();
    const words = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', String(workers)];
    const stores = ['--backend-store-uri', `sqlite:///${database}`, '--artifacts-destination', join(folder, 'bytes')];
    // A process group of its own: the command starts workers, which have to end with it.
    const child = spawn(python, ['-m', 'mlflow', ...words, ...stores], { env, stdio: 'ignore', detached: true });
    stops.push(() => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has ended by itself.
      }
    });
    const url = `http://127.0.0.1:${port}`;
    await answering(`${url}/health`);
    return { url, headers: {}, experiment, historyRun };
  };
  const stop = () => {
    for (const each of stops.splice(0)) each();
  };
  process.once('exit', stop);
  // A signal ends a process without that event, and the servers are in groups of their own.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
  try {
    return { oneWorker: await start(1), default: await start(4), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The server imports for half a minute on a busy machine. */
async function answering(url: string): Promise<void> {
  for (const until = Date.now() + 180_000; Date.now() < until; await sleep(250)) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`${url}: there was no answer within 180 s`);
}
