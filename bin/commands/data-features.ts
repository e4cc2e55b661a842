import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import * as z from 'zod';
import { FeatureRoutes, type FeatureSetView, FeatureSpec } from '../../lambdas/data/contract.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';
import { waitFor } from '../wait.ts';

const FeatureSet = z.string().describe('the name of the feature set');

export const featureVerbs = [
  verb({
    name: 'feature apply',
    summary: 'Make a feature set, or give it another definition; its online values are made anew from then on.',
    input: z.object({ file: z.string().describe('the YAML file with its dataset, entity and SQL') }),
    positionals: ['file'],
    examples: ['millrace feature apply examples/weather/features.yaml'],
    run: async ({ client }, { file }) => {
      const spec = (await bytesOf(file, 'file')).toString('utf8');
      return (await client()).call(FeatureRoutes.applyFeatures, { set: nameIn(spec, file), spec });
    },
    show: describeSet,
  }),
  verb({
    name: 'feature list',
    summary: 'List the feature sets of the workspace.',
    input: z.object({}),
    positionals: [],
    examples: ['millrace feature list'],
    run: async ({ client }) => (await client()).call(FeatureRoutes.listFeatures, {}),
    show: ({ sets }) =>
      table(
        ['set', 'dataset'],
        sets.map(({ set, dataset }) => [set, dataset]),
      ),
  }),
  verb({
    name: 'feature show',
    summary: 'Show a feature set: its definition, and how far its online values are.',
    input: z.object({ set: FeatureSet }),
    positionals: ['set'],
    examples: ['millrace feature show weather-daily'],
    run: async ({ client }, input) => (await client()).call(FeatureRoutes.showFeatures, input),
    show: describeSet,
  }),
  verb({
    name: 'feature get',
    summary: 'Read the online values of one entity.',
    input: z.object({
      set: FeatureSet,
      entity: z.array(z.string()).describe('<column>=<value>, once for each column that names the entity'),
    }),
    positionals: ['set'],
    examples: ['millrace feature get weather-daily --entity location=Seattle'],
    run: async ({ client }, { set, entity }) => {
      const answer = await (await client()).call(FeatureRoutes.readFeatures, { set, entities: [pairsOf(entity)] });
      return answer.entities[0] ?? { entity: pairsOf(entity) };
    },
    show: ({ values, asOf, number }) =>
      values
        ? `${table(
            ['feature', 'value'],
            Object.entries(values).map(([name, value]) => [name, String(value ?? '')]),
          )}\nas of ${asOf}, version ${number}`
        : 'there is no such entity online',
  }),
  verb({
    name: 'feature join',
    summary: 'Write features as they were known at each row of a spine into a file.',
    input: z.object({
      set: FeatureSet,
      spine: z.string().optional().describe('a CSV with entity and time (default: the training rows of the dataset)'),
      out: z.string().describe('the file to write, which ends with .parquet or .csv'),
    }),
    positionals: ['set'],
    examples: [
      'millrace feature join weather-daily --out training.parquet',
      'millrace feature join weather-daily --spine days.csv --out joined.csv',
    ],
    run: async ({ client, progress, signal }, { set, spine, out }) => {
      const format = formatOf(out);
      const api = await client();
      const spineId = spine === undefined ? undefined : await putSpine(api, set, spine);
      const { join } = await api.call(FeatureRoutes.startJoin, { set, format, ...(spineId && { spine: spineId }) });
      const joined = await ended(api, { set, join }, progress, signal);
      return { out, ...(await download(joined, out)) };
    },
    show: ({ out, rows, number }) => `${out}: ${rows} rows, from version ${number}`,
  }),
];

async function bytesOf(file: string, option: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw SharedErrors.InvalidInput(`${option}: got ${file}, it cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  });
}

/** The path of the request names the set; what else is in the file is the platform's to read. */
function nameIn(text: string, file: string): string {
  const [, name] = /^set:\s*["']?([a-z0-9-]+)["']?\s*(?:#.*)?$/m.exec(text) ?? [];
  const parsed = FeatureSpec.shape.set.safeParse(name);
  if (parsed.success) return parsed.data;
  throw SharedErrors.InvalidInput(`file: got ${file}, which has no line such as "set: weather-daily"`);
}

/** @throws InvalidInput for what is no `<column>=<value>` */
function pairsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw SharedErrors.InvalidInput(`entity: got ${pair}, expected <column>=<value>`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function formatOf(out: string): 'parquet' | 'csv' {
  const ending = extname(out).slice(1);
  if (ending === 'parquet' || ending === 'csv') return ending;
  throw SharedErrors.InvalidInput(`out: got ${out}, expected a file that ends with .parquet or .csv`);
}

async function putSpine(api: ApiClient, set: string, file: string): Promise<string> {
  const body = await bytesOf(file, 'spine');
  const { uploadId, url, method, headers } = await api.call(FeatureRoutes.createSpine, { set, bytes: body.length });
  const answer = await fetch(url, { method, headers, body: new Uint8Array(body) });
  if (answer.ok) return uploadId;
  throw SharedErrors.ServiceUnavailable(`the features zone answered ${answer.status} to the spine ${file}`);
}

async function ended(
  api: ApiClient,
  named: { set: string; join: string },
  progress: (text: string) => void,
  signal: AbortSignal,
) {
  const ask = async () => {
    const view = await api.call(FeatureRoutes.showJoin, named);
    progress(`join ${named.join} is ${view.status}`);
    return view;
  };
  const view = await waitFor(ask, ({ status }) => status !== 'running', { signal, what: `join ${named.join}` });
  if (view.status === 'succeeded' && view.result && view.url) return { ...view.result, url: view.url };
  const { name = 'Unexpected', message = `join ${named.join} ${view.status}` } = view.error ?? {};
  const ours = /^(Spine|Feature)/.test(name);
  throw new PlatformError(ours ? 'invalid' : 'unexpected', name, message);
}

async function download({ url, ...result }: Awaited<ReturnType<typeof ended>>, out: string) {
  const answer = await fetch(url);
  if (!answer.ok) throw SharedErrors.ServiceUnavailable(`the features zone answered ${answer.status} to ${result.key}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const sha256 = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (sha256 !== result.sha256)
    throw SharedErrors.ServiceUnavailable(`${result.key}: got ${sha256}, the join made ${result.sha256}`);
  await writeFile(out, bytes);
  return result;
}

function describeSet({ set, spec, definition, latest, materialised, staleHours, failure }: FeatureSetView): string {
  const rows = Object.entries(spec.features).map(([name, { sql, window, type }]) => [name, type, window ?? '', sql]);
  const online = materialised
    ? `online: version ${materialised.number} of ${latest}${staleHours > 0 ? paint('yellow', `, behind for ${staleHours.toFixed(1)} h`) : ''}`
    : 'online: nothing yet';
  const lines = [
    `${set}: of ${spec.dataset} by ${spec.entity.join(', ')}, definition ${definition}`,
    table(['feature', 'type', 'window', 'sql'], rows),
    online,
  ];
  if (failure)
    lines.push(paint('red', `the last materialisation failed at ${failure.at}: ${failure.error}: ${failure.reason}`));
  return lines.join('\n');
}
