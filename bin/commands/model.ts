import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { RegistryRoutes } from '../../lambdas/registry/contract.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { type RunFact, TrainingRoutes } from '../../lambdas/training/contract.ts';
import type { ApiClient } from '../client/api-client.ts';
import { paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';
import { waitFor } from '../wait.ts';

const Model = z.string().describe('the name of the model');

export const modelVerbs = [
  verb({
    name: 'model apply',
    summary: 'Store a model spec; training and retraining go by the one applied last.',
    input: z.object({ file: z.string().describe('the YAML file') }),
    positionals: ['file'],
    examples: ['millrace model apply examples/weather/model.yaml'],
    run: async ({ client }, { file }) => applySpec(await client(), file),
    show: ({ spec, digest, commit, dirty }) =>
      `${spec.model}: spec ${digest}, commit ${commit}${dirty ? ' with changes beside it' : ''}`,
  }),
  verb({
    name: 'model train',
    summary: 'Train a model by its applied spec, judge it, and register it when the gate passes.',
    input: z.object({
      model: Model,
      datasetVersion: z
        .string()
        .optional()
        .describe('digest, number or tag of the dataset version (default: the latest)'),
      dedupe: z.string().optional().describe('your name for this wish: the same name is the same run'),
      reason: z.string().default('asked for').describe('why, for the record'),
      noWait: z.boolean().default(false).describe('return when the run has started'),
    }),
    positionals: ['model'],
    examples: ['millrace model train rain', 'millrace model train rain --dedupe nightly-2026-11-21'],
    run: async ({ client, progress, signal }, { noWait, dedupe = newId(), ...input }) => {
      const api = await client();
      // Always with a name: a call that is sent again, because its answer was lost, starts no second run.
      const { runId } = await api.call(TrainingRoutes.startTraining, { ...input, dedupe });
      if (noWait) return api.call(TrainingRoutes.showRun, { runId });
      return trained(api, runId, progress, signal);
    },
    show: describeRun,
  }),
  verb({
    name: 'model runs',
    summary: "List a model's latest training runs.",
    input: z.object({ model: Model, limit: z.number().int().min(1).max(100).default(20).describe('at most so many') }),
    positionals: ['model'],
    examples: ['millrace model runs rain'],
    run: async ({ client }, input) => (await client()).call(TrainingRoutes.listRuns, input),
    show: ({ runs }) =>
      table(
        ['run', 'status', 'version', 'reason', 'started'],
        runs.map((run) => [run.runId, run.status, run.version, run.reason, run.startedAt]),
      ),
  }),
  verb({
    name: 'model run',
    summary: 'Show one training run with the evidence of its gate.',
    input: z.object({ runId: z.string().describe('the id that model runs shows') }),
    positionals: ['runId'],
    examples: ['millrace model run 3f2a9c0b1d4e5f60718293a4b5c6d7e8'],
    run: async ({ client }, input) => (await client()).call(TrainingRoutes.showRun, input),
    show: describeRun,
  }),
  verb({
    name: 'model list',
    summary: 'List registered models with their aliases.',
    input: z.object({ after: z.string().optional().describe('begin behind this name') }),
    positionals: [],
    examples: ['millrace model list'],
    run: async ({ client }, input) => (await client()).call(RegistryRoutes.listModels, input),
    show: ({ models }) =>
      table(
        ['model', 'versions', 'champion', 'live'],
        models.map((each) => [each.model, each.latestVersion, each.aliases.champion, each.aliases.live]),
      ),
  }),
  verb({
    name: 'model show',
    summary: 'Show a registered model, or one of its versions.',
    input: z.object({ model: Model, version: z.string().optional().describe('a version number') }),
    positionals: ['model', 'version'],
    examples: ['millrace model show rain', 'millrace model show rain 2'],
    run: async ({ client }, { model, version }): Promise<unknown> => {
      const api = await client();
      return version === undefined
        ? api.call(RegistryRoutes.showModel, { model })
        : api.call(RegistryRoutes.showVersion, { model, version });
    },
  }),
  verb({
    name: 'model champion',
    summary: 'Say which version you want live; a rollout starts.',
    input: z.object({ model: Model, version: z.number().int().positive().describe('the version number') }),
    positionals: ['model', 'version'],
    examples: ['millrace model champion rain 2'],
    run: async ({ client }, { model, version }) =>
      (await client()).call(RegistryRoutes.setAlias, { model, alias: 'champion', version }),
    show: ({ model, version }) => `champion of ${model} is version ${version}; its rollout: millrace endpoint status`,
  }),
];

/** Reads a spec and the files it names, notes the commit it stands in, and applies it. */
export async function applySpec(api: ApiClient, file: string) {
  const spec = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw SharedErrors.InvalidInput(`file: got ${file}, it cannot be read: ${(cause as Error).message}`, { cause });
  });
  const { model, script } = namesIn(spec, file);
  const folder = dirname(file);
  const files = script === undefined ? {} : { [script]: await readFile(`${folder}/${script}`, 'utf8') };
  return api.call(TrainingRoutes.applySpec, { model, spec, ...codeVersion(folder), files });
}

function namesIn(text: string, file: string): { model: string; script?: string } {
  let spec: { model?: unknown; trainer?: { script?: unknown } } | null;
  try {
    spec = parse(text) as typeof spec;
  } catch (cause) {
    throw SharedErrors.InvalidInput(`${file}: is not YAML: ${(cause as Error).message}`, { cause });
  }
  if (typeof spec?.model !== 'string')
    throw SharedErrors.InvalidInput(
      `${file}: model: got ${JSON.stringify(spec?.model) ?? 'nothing'}, expected the name of a model`,
    );
  const script = spec.trainer?.script;
  return { model: spec.model, script: typeof script === 'string' ? script : undefined };
}

/** The commit a folder stands at, and whether files were changed beside it; `none` outside a repository. */
function codeVersion(folder: string): { commit: string; dirty: boolean } {
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return { commit: git('rev-parse', 'HEAD'), dirty: git('status', '--porcelain') !== '' };
  } catch {
    return { commit: 'none', dirty: true };
  }
}

/** Waits for a run's end. @throws the error that it failed with; a rejected run is an answer, not an error */
export async function trained(
  api: ApiClient,
  runId: string,
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<RunFact> {
  const ask = async () => {
    const run = await api.call(TrainingRoutes.showRun, { runId });
    progress(`run ${runId} is ${run.status}`);
    return run;
  };
  const run = await waitFor(ask, ({ status }) => status !== 'running', { signal, what: `run ${runId}` });
  if (run.status === 'failed')
    throw new PlatformError('unexpected', run.error?.name ?? 'Unexpected', run.error?.message ?? `run ${runId} failed`);
  return run;
}

/** A run with its metrics and the checks of its gate. */
export function describeRun(run: RunFact): string {
  const checks = (run.gate?.checks ?? []).map(
    (check) => `${check['passed'] ? paint('green', '✓') : paint('red', '✗')} ${String(check['rule'] ?? check['name'])}`,
  );
  const metrics = Object.entries(run.metrics ?? {}).map(([name, value]) => `${name} ${Number(value).toFixed(4)}`);
  return [
    `run ${run.runId}: ${run.status}${run.version ? `, version ${run.version}` : ''}`,
    metrics.join(', '),
    ...checks,
  ]
    .filter(Boolean)
    .join('\n');
}
