import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { millraceFolder, projectRoot } from '../../bin/local/places.ts';

interface Platform {
  endpoint: string;
  token: string;
  /** @default default */
  workspace?: string;
}

/** What came of a command; `output` is the one JSON object that it printed, if it came to that. */
export interface CliEnd {
  /** Null where a signal ended it. */
  code: number | null;
  output: Record<string, unknown> | undefined;
  stderr: string;
}

/** `millrace <words> --json` as a process of its own, as a person's terminal or a pipeline has it. */
export function startCli({ endpoint, token, workspace = 'default' }: Platform, ...words: string[]) {
  const child = spawn(process.execPath, ['bin/millrace.ts', ...words, '--json'], {
    cwd: projectRoot,
    env: {
      // As bin/start.mjs has it.
      NODE_COMPILE_CACHE: join(millraceFolder, 'cache/node'),
      ...process.env,
      ...{ AWS_ENDPOINT_URL: endpoint, MILLRACE_TOKEN: token, MILLRACE_WORKSPACE: workspace, MILLRACE_STAGE: 'local' },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const closed = once(child, 'close') as Promise<[number | null]>;
  return {
    pid: child.pid as number,
    /** As if its machine had gone. */
    kill: () => child.kill('SIGKILL'),
    async ended(): Promise<CliEnd> {
      const [code] = await closed;
      return { code, output: text.stdout ? JSON.parse(text.stdout) : undefined, stderr: text.stderr };
    },
  };
}

export const runCli = (platform: Platform, ...words: string[]): Promise<CliEnd> => startCli(platform, ...words).ended();
