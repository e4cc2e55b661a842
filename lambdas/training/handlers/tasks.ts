import { tasks } from '../../shared/task.ts';
import { workInEmptyFolder } from '../aws/work-in-empty-folder.ts';
import { adoptModelTask } from './adopt-model.ts';
import { collectModelTask } from './collect-model.ts';
import { prepareJobTask } from './prepare-job.ts';
import { resolveTrainingTask } from './resolve-training.ts';
import { trainModelTask } from './train-model.ts';

workInEmptyFolder();

export const handler = tasks({
  'resolve-training': resolveTrainingTask,
  'train-model': trainModelTask,
  'prepare-job': prepareJobTask,
  'collect-model': collectModelTask,
  'adopt-model': adoptModelTask,
}).lambda();
