import { task } from '../../shared/task.ts';
import { trainingStores } from '../aws/training-stores.ts';
import { StepInput, TrainingTasksEnv } from '../contract.ts';
import { prepareJob } from '../prepare-job.ts';

export const prepareJobTask = task({ input: StepInput, env: TrainingTasksEnv, wire: trainingStores, run: prepareJob });
