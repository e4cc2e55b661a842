import * as z from 'zod';
import { type ColumnDrift, type DriftReport, MonitoringRoutes } from '../../lambdas/monitoring/contract.ts';
import { PlatformError } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { blocks, paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';
import { waitFor } from '../wait.ts';

const Endpoint = z.string().describe('the name of the endpoint');

export const driftVerbs = [
  verb({
    name: 'drift check',
    summary: 'Compare what endpoints have seen since the last check with what their models learned from.',
    input: z.object({ endpoint: Endpoint.optional() }),
    positionals: ['endpoint'],
    examples: ['millrace drift check', 'millrace drift check rain'],
    run: async ({ client, progress, signal }, input) => checkDrift(await client(), input.endpoint, progress, signal),
    show: ({ results }) =>
      results.length === 0
        ? 'no endpoint has new rows'
        : table(
            ['endpoint', 'outcome', 'rows', 'largest PSI', 'of'],
            results.map((each) => [
              each.endpoint,
              each.outcome,
              'rows' in each ? each.rows : '',
              'maxPsi' in each ? each.maxPsi.toFixed(3) : '',
              'worst' in each ? each.worst : '',
            ]),
          ),
  }),
  verb({
    name: 'drift show',
    summary: "Draw an endpoint's last drift report: what the model learned from, and what came.",
    input: z.object({ endpoint: Endpoint }),
    positionals: ['endpoint'],
    examples: ['millrace drift show rain'],
    run: async ({ client }, input) => (await client()).call(MonitoringRoutes.showDrift, input),
    show: ({ report, alarm, threshold, endpoint }) =>
      report
        ? `${endpoint}: alarm ${alarm}, fires from ${threshold}\n${drawReport(report)}`
        : `${endpoint}: no report yet`,
  }),
  verb({
    name: 'drift retrainings',
    summary: 'List the retrainings that drift has started for a model.',
    input: z.object({
      model: z.string().describe('the name of the model'),
      limit: z.number().int().min(1).max(100).default(20).describe('at most so many'),
    }),
    positionals: ['model'],
    examples: ['millrace drift retrainings rain'],
    run: async ({ client }, input) => (await client()).call(MonitoringRoutes.listRetrainings, input),
    show: ({ retrainings, suppressed }) =>
      `${table(
        ['#', 'requested', 'reason'],
        retrainings.map((each) => [each.number, each.requestedAt, each.reason]),
      )}\n${suppressed} firings since were let go by`,
  }),
];

/** Runs a check and waits for its end. @throws the error that it failed with */
export async function checkDrift(
  api: ApiClient,
  endpoint: string | undefined,
  progress: (text: string) => void,
  signal?: AbortSignal,
) {
  const { check } = await api.call(MonitoringRoutes.startCheck, { endpoint });
  const ask = async () => {
    const view = await api.call(MonitoringRoutes.showCheck, { check });
    progress(`drift check ${check} is ${view.status}`);
    return view;
  };
  const ended = await waitFor(ask, ({ status }) => status !== 'running', { signal, what: `drift check ${check}` });
  if (ended.status === 'failed')
    throw new PlatformError('unexpected', 'CheckFailed', ended.error ?? `drift check ${check} failed`);
  return ended;
}

/** One line a column: its index, the baseline's histogram and the window's. */
export function drawReport({ columns, output, rows, threshold }: DriftReport): string {
  const width = Math.max(...columns.map(({ name }) => name.length), 'prediction'.length);
  const shares = (counts: readonly number[]) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => count / Math.max(1, total));
  };
  const line = (name: string, { psi, ks, bins }: ColumnDrift) => {
    const learned = shares(bins.baseline);
    const seen = shares(bins.window);
    const top = Math.max(...learned, ...seen);
    const index = psi.toFixed(3).padStart(6);
    return `${name.padEnd(width)}  PSI ${psi >= threshold ? paint('red', index) : index}  KS ${ks.toFixed(2)}  learned ${paint('dim', `│${blocks(learned, top)}│`)}  came │${blocks(seen, top)}│`;
  };
  return [
    ...columns.map((column) => line(column.name, column)),
    line('prediction', output),
    paint('dim', `${rows} rows since the last check`),
  ].join('\n');
}
