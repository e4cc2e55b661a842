import { task } from '../../shared/task.ts';
import { releaseStores } from '../aws/release-stores.ts';
import { FailureInput, TrainingReleaseEnv } from '../contract.ts';
import { recordFailure } from '../record-failure.ts';

export const recordFailureTask = task({
  input: FailureInput,
  env: TrainingReleaseEnv,
  wire: releaseStores,
  run: recordFailure,
});
