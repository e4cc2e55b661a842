import { task } from '../../shared/task.ts';
import { trainingStores } from '../aws/training-stores.ts';
import { collectModel } from '../collect-model.ts';
import { CollectInput, TrainingTasksEnv } from '../contract.ts';

export const collectModelTask = task({
  input: CollectInput,
  env: TrainingTasksEnv,
  wire: trainingStores,
  run: collectModel,
});
