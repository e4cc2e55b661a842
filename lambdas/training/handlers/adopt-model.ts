import { task } from '../../shared/task.ts';
import { adoptModel } from '../adopt-model.ts';
import { trainingStores } from '../aws/training-stores.ts';
import { StepInput, TrainingTasksEnv } from '../contract.ts';

export const adoptModelTask = task({ input: StepInput, env: TrainingTasksEnv, wire: trainingStores, run: adoptModel });
