import { task } from '../../shared/task.ts';
import { releaseStores } from '../aws/release-stores.ts';
import { RegisterInput, TrainingReleaseEnv } from '../contract.ts';
import { registerModel } from '../register-model.ts';

export const registerModelTask = task({
  input: RegisterInput,
  env: TrainingReleaseEnv,
  wire: releaseStores,
  run: registerModel,
});
