import { task } from '../../shared/task.ts';
import { trackedRuns } from '../aws/tracked-runs.ts';
import { trainingStores } from '../aws/training-stores.ts';
import { StepInput, TrainingTasksEnv } from '../contract.ts';
import { resolveTraining } from '../resolve-training.ts';

export const resolveTrainingTask = task({
  input: StepInput,
  env: TrainingTasksEnv,
  wire: (env) => ({ ...trainingStores(env), runs: trackedRuns(env) }),
  run: resolveTraining,
});
