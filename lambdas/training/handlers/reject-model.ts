import { task } from '../../shared/task.ts';
import { releaseStores } from '../aws/release-stores.ts';
import { TrainedStepInput, TrainingReleaseEnv } from '../contract.ts';
import { rejectModel } from '../register-model.ts';

export const rejectModelTask = task({
  input: TrainedStepInput,
  env: TrainingReleaseEnv,
  wire: releaseStores,
  run: rejectModel,
});
