import { task } from '../../shared/task.ts';
import { DataJobsEnv } from '../job-settings.ts';
import { collectLabels, LabellingRun } from '../labelling-job.ts';
import { labellingStores } from './labelling-stores.ts';

export const collectLabelsTask = task({
  input: LabellingRun,
  env: DataJobsEnv,
  wire: labellingStores,
  run: collectLabels,
});
