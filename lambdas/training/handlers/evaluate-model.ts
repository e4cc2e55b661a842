import { kmsSigner } from '../../shared/aws/kms-signer.ts';
import { task } from '../../shared/task.ts';
import { trainingStores } from '../aws/training-stores.ts';
import { TrainedStepInput, TrainingTasksEnv } from '../contract.ts';
import { evaluateModel } from '../evaluate-model.ts';

export const evaluateModelTask = task({
  input: TrainedStepInput,
  env: TrainingTasksEnv,
  wire: (env) => ({ ...trainingStores(env), publicKeyPem: kmsSigner(env.SIGNING_KEY).publicKeyPem }),
  run: evaluateModel,
});
