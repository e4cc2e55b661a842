import { collectModelTask } from '../../lambdas/training/handlers/collect-model.ts';
import { evaluateModelTask } from '../../lambdas/training/handlers/evaluate-model.ts';
import { judgeModelTask } from '../../lambdas/training/handlers/judge-model.ts';
import { packageModelTask } from '../../lambdas/training/handlers/package-model.ts';
import { prepareJobTask } from '../../lambdas/training/handlers/prepare-job.ts';
import { recordFailureTask } from '../../lambdas/training/handlers/record-failure.ts';
import { registerModelTask } from '../../lambdas/training/handlers/register-model.ts';
import { rejectModelTask } from '../../lambdas/training/handlers/reject-model.ts';
import { resolveTrainingTask } from '../../lambdas/training/handlers/resolve-training.ts';
import { trainModelTask } from '../../lambdas/training/handlers/train-model.ts';
import { type Invoke, runWorkflow, type WorkflowEnd } from '../fakes/workflow.ts';
import type { TrainingPlatform } from './training-platform.ts';

const TASKS = {
  'resolve-training': resolveTrainingTask,
  'train-model': trainModelTask,
  'prepare-job': prepareJobTask,
  'collect-model': collectModelTask,
  'evaluate-model': evaluateModelTask,
  'judge-model': judgeModelTask,
  'package-model': packageModelTask,
  'register-model': registerModelTask,
  'reject-model': rejectModelTask,
  'record-failure': recordFailureTask,
} as const;
export type StepName = keyof typeof TASKS;
export const STEP_NAMES = Object.keys(TASKS) as StepName[];

/** Comes between a step and the workflow: `work` does the step. */
export type Around = (step: StepName | 'job', work: () => Promise<unknown>) => Promise<unknown>;

/** The workflow's steps as deployed, on a platform in memory. */
export const stepsOf =
  (platform: TrainingPlatform, { job, around = (_, work) => work() }: { job?: Invoke; around?: Around } = {}): Invoke =>
  (target, payload) => {
    if (target === '${TrainResource}') return around('job', async () => job?.(target, payload));
    const { task, input } = payload as { task: StepName; input: never };
    return around(task, () => TASKS[task].with(platform.deps as never).handle(input));
  };

/** Runs the workflow for a run's current attempt, and ends its execution as the workflow ended. */
export async function train(
  platform: TrainingPlatform,
  run: { runId: string; attempt: number },
  options: Parameters<typeof stepsOf>[1] = {},
): Promise<WorkflowEnd> {
  const name = `${run.runId}-${run.attempt}`;
  const input = { workspace: platform.workspace, runId: run.runId, attempt: run.attempt };
  const end = await runWorkflow('training/train-model', { input, name, invoke: stepsOf(platform, options) });
  if (platform.executions.started().has(name)) {
    platform.executions.end(name, end.status === 'SUCCEEDED' ? 'succeeded' : 'failed');
  }
  return end;
}
