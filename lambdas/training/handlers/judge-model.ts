import { task } from '../../shared/task.ts';
import { releaseStores } from '../aws/release-stores.ts';
import { TrainedStepInput, TrainingReleaseEnv } from '../contract.ts';
import { judgeModel } from '../judge-model.ts';

export const judgeModelTask = task({
  input: TrainedStepInput,
  env: TrainingReleaseEnv,
  wire: releaseStores,
  run: judgeModel,
});
