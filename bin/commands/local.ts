import * as z from 'zod';
import { down, logs, status, up } from '../local/commands.ts';
import { DEFAULT_INSTANCE } from '../local/instances.ts';
import { table } from '../terminal.ts';
import { verb } from '../verb.ts';

const NewName = z.string().optional().describe('the name of the instance (default: MILLRACE_INSTANCE, else local)');
const Name = z
  .string()
  .optional()
  .describe('the name of the instance (default: MILLRACE_INSTANCE, else the one that runs, else local)');

export const localVerbs = [
  verb({
    name: 'local up',
    summary: 'Bring the platform up on this machine, in the background; a running one is brought up to date.',
    input: z.object({ name: NewName }),
    positionals: [],
    examples: ['millrace local up', 'millrace local up --json'],
    run: async ({ progress, signal }, { name }) =>
      up({ name, signal, onProgress: ({ text, seconds }) => seconds === undefined && progress(text) }),
    show: ({ name, endpoint, control, inference, tracking, token }) =>
      [
        `tracking URI   ${tracking}`,
        `control API    ${control}`,
        `inference API  ${inference}`,
        `token          ${token}`,
        `AWS endpoint   ${endpoint}`,
        `millrace local down${name === DEFAULT_INSTANCE ? '' : ` --name ${name}`} stops it`,
      ].join('\n'),
  }),
  verb({
    name: 'local down',
    summary: 'End a local cloud with everything in it.',
    input: z.object({ name: Name }),
    positionals: [],
    examples: ['millrace local down', 'millrace local down --name demo'],
    run: async (_, { name }) => down({ name }),
    show: ({ name }) => `${name} is down, nothing of it is left`,
  }),
  verb({
    name: 'local status',
    summary: 'List the local clouds that run in this checkout.',
    input: z.object({}),
    positionals: [],
    examples: ['millrace local status'],
    run: async () => ({ instances: await status() }),
    show: ({ instances }) =>
      instances.length === 0
        ? 'no local cloud runs here'
        : table(
            ['name', 'endpoint', 'since', 'process'],
            instances.map((each) => [each.name, each.endpoint, each.started, each.pid]),
          ),
  }),
  verb({
    name: 'local logs',
    summary: 'Print the log lines of every function on stderr.',
    input: z.object({
      name: Name,
      follow: z.boolean().default(false).describe('go on with what is written from now on, until Ctrl-C'),
    }),
    positionals: [],
    examples: ['millrace local logs', 'millrace local logs --follow'],
    run: async ({ signal }, { name, follow }) => {
      let lines = 0;
      await logs({
        name,
        follow,
        signal,
        onLine: ({ from, time, text }) => {
          lines++;
          process.stderr.write(`${time.toISOString()} ${from} ${text}\n`);
        },
      });
      return { lines };
    },
    show: ({ lines }) => `${lines} lines`,
  }),
];
