import { kmsSigner } from '../../shared/aws/kms-signer.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { task } from '../../shared/task.ts';
import { trainingStores } from '../aws/training-stores.ts';
import { TrainedStepInput, TrainingEvaluateEnv } from '../contract.ts';
import { evaluateModel } from '../evaluate-model.ts';

export const evaluateModelTask = task({
  input: TrainedStepInput,
  env: TrainingEvaluateEnv,
  wire: (env) => ({
    ...trainingStores(env),
    bundles: s3Objects(env.BUNDLES_BUCKET),
    publicKeyPem: kmsSigner(env.SIGNING_KEY).publicKeyPem,
  }),
  run: evaluateModel,
});
