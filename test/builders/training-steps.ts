import './one-realm.ts';

import { type Invoke, runWorkflow, type WorkflowEnd } from '../fakes/workflow.ts';
import type { TrainingPlatform } from './training-platform.ts';

/** Loaded late, so that the runtime behind the handlers takes the typed arrays of this realm. */
const load = async () => ({
  'resolve-training': (await import('../../lambdas/training/handlers/resolve-training.ts')).resolveTrainingTask,
  'train-model': (await import('../../lambdas/training/handlers/train-model.ts')).trainModelTask,
  'prepare-job': (await import('../../lambdas/training/handlers/prepare-job.ts')).prepareJobTask,
  'collect-model': (await import('../../lambdas/training/handlers/collect-model.ts')).collectModelTask,
  'adopt-model': (await import('../../lambdas/training/handlers/adopt-model.ts')).adoptModelTask,
  'evaluate-model': (await import('../../lambdas/training/handlers/evaluate-model.ts')).evaluateModelTask,
  'judge-model': (await import('../../lambdas/training/handlers/judge-model.ts')).judgeModelTask,
  'package-model': (await import('../../lambdas/training/handlers/package-model.ts')).packageModelTask,
  'register-model': (await import('../../lambdas/training/handlers/register-model.ts')).registerModelTask,
  'reject-model': (await import('../../lambdas/training/handlers/reject-model.ts')).rejectModelTask,
  'record-failure': (await import('../../lambdas/training/handlers/record-failure.ts')).recordFailureTask,
});
export type StepName = keyof Awaited<ReturnType<typeof load>>;

/** Those of a run that the platform's own trainer trains and that passes the gate. */
export const STEPS_OF_A_REGISTRATION: readonly StepName[] = [
  ...(['resolve-training', 'train-model', 'evaluate-model', 'judge-model', 'package-model', 'register-model'] as const),
];

/** Comes between a step and the workflow: `work` does the step. */
export type Around = (step: StepName | 'job', work: () => Promise<unknown>) => Promise<unknown>;

/** The workflow's steps as deployed, on a platform in memory. */
export const stepsOf =
  (platform: TrainingPlatform, { job, around = (_, work) => work() }: { job?: Invoke; around?: Around } = {}): Invoke =>
  async (target, payload) => {
    if (target === '${TrainResource}') return around('job', async () => job?.(target, payload));
    const { task, input } = payload as { task: StepName; input: never };
    return around(task, async () => (await load())[task].with(platform.deps as never).handle(input));
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
