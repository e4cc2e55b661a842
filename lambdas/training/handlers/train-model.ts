import { task } from '../../shared/task.ts';
import { trainingStores } from '../aws/training-stores.ts';
import { StepInput, TrainingTasksEnv } from '../contract.ts';
import { trainModel } from '../train-model.ts';

export const trainModelTask = task({ input: StepInput, env: TrainingTasksEnv, wire: trainingStores, run: trainModel });
