import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A request below a tracking URI. */
export interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
}

export interface Server {
  url: string;
  headers: Record<string, string>;
}

/** The load generator (load.py) in a process of its own, the same for both sides. */
export interface Load {
  /** One list of calls for each client; the mean time of a call in milliseconds. */
  run(server: Server, clients: readonly (readonly Call[])[]): Promise<number>;
  stop(): void;
}

export function startLoad(python: string): Load {
  const child: ChildProcess = spawn(python, [join(import.meta.dirname, 'load.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return {
    async run({ url, headers }, calls) {
      child.stdin?.write(`${JSON.stringify({ url, headers, calls })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the load generator has ended');
      const { ms, error } = JSON.parse(value) as { ms: number; error?: string };
      if (error !== undefined) throw new Error(`${url}: ${error}`);
      return ms;
    },
    stop: () => void child.kill(),
  };
}
