import { task } from '../../shared/task.ts';
import { releaseStores } from '../aws/release-stores.ts';
import { TrainedStepInput, TrainingReleaseEnv } from '../contract.ts';
import { packageModel } from '../package-model.ts';

export const packageModelTask = task({
  input: TrainedStepInput,
  env: TrainingReleaseEnv,
  wire: releaseStores,
  run: packageModel,
});
