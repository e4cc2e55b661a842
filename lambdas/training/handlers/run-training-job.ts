import * as z from 'zod';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { readEnv } from '../../shared/env.ts';
import { task } from '../../shared/task.ts';
import { runTrainingJob } from '../aws/run-training-job.ts';
import { RunTrainingJobEnv, TrainingJobRequest } from '../contract.ts';

/** Below the function's own timeout of five minutes, so that a job that runs too long is ended and says so. */
const MAX_SECONDS = 270;

/** Local cloud only: stands where Step Functions would call SageMaker, so its input is the bare request. */
export const runTrainingJobTask = task({
  input: TrainingJobRequest,
  env: RunTrainingJobEnv,
  wire: (env) => ({
    artifacts: s3Objects(env.ARTIFACTS_BUCKET),
    path: readEnv(z.object({ PATH: z.string().default('/usr/local/bin:/usr/bin:/bin') })).PATH,
    maxSeconds: MAX_SECONDS,
  }),
  run: runTrainingJob,
});
export const handler = (request: unknown) => runTrainingJobTask.handle(request);
