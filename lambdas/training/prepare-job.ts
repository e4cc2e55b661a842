import type { ObjectStore } from '../shared/objects.ts';
import { TrainingErrors } from './errors.ts';
import type { FeatureTable } from './feature-table.ts';
import { targetName } from './model-spec.ts';
import { runKey } from './run.ts';
import type { RunName } from './run-files.ts';
import { type ContextDeps, readContext, readLabelled } from './training-context.ts';
import { CHANNEL_FILE, type TrainingJobRequest, trainingJobRequest } from './training-job.ts';

/**
 * Lays out what a training script reads, and asks for its job. A script gets rows that are labelled already: the same
 * rows and labels that the platform's own trainer would see, as CSV, which every language reads.
 */
export async function prepareJob(
  deps: ContextDeps & { artifacts: ObjectStore },
  { workspace, runId, attempt }: RunName & { attempt: number },
): Promise<{ request: Omit<TrainingJobRequest, 'RoleArn'> }> {
  const context = await readContext(deps, { workspace, runId });
  const { trainer } = context.spec;
  if (trainer.kind !== 'script' || !trainer.sha256) {
    throw TrainingErrors.SpecScriptInvalid(
      `trainer: got ${trainer.kind}, a job runs a script that was sent with its spec`,
    );
  }
  const { table, labels } = await readLabelled(deps.curated, context, 'train');
  const csv = trainingCsv(table, targetName(context.spec), labels);
  await deps.artifacts.put(runKey(workspace, runId, CHANNEL_FILE), csv, 'text/csv');
  const bucket = deps.artifacts.bucket;
  const pinned = { ...trainer, sha256: trainer.sha256 };
  return { request: trainingJobRequest({ workspace, runId, attempt, trainer: pinned, bucket }) };
}

/** Features in the order of the model's input, then the target as 0 or 1; numbers as ECMAScript prints them. */
export function trainingCsv({ names, columns }: FeatureTable, target: string, labels: Float64Array): string {
  const lines = [[...names, target].map(quoted).join(',')];
  for (const [i, label] of labels.entries()) lines.push([...columns.map((column) => column[i]), label].join(','));
  return `${lines.join('\n')}\n`;
}

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
