import { task } from '../../shared/task.ts';
import { DataJobsEnv } from '../job-settings.ts';
import { LabellingRun, prepareLabelling } from '../labelling-job.ts';
import { labellingStores } from './labelling-stores.ts';

export const prepareLabellingTask = task({
  input: LabellingRun,
  env: DataJobsEnv,
  wire: labellingStores,
  run: prepareLabelling,
});
