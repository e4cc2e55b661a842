import { tasks } from '../../shared/task.ts';
import { checkFeaturesTask } from './check-features.ts';
import { computeFeaturesTask } from './compute-features.ts';
import { findFeaturesTask } from './find-features.ts';
import { finishFeaturesTask } from './finish-features.ts';
import { recordFeaturesFailureTask } from './record-features-failure.ts';
import { writeFeaturesTask } from './write-features.ts';

export const handler = tasks({
  'check-features': checkFeaturesTask,
  'find-features': findFeaturesTask,
  'compute-features': computeFeaturesTask,
  'write-features': writeFeaturesTask,
  'finish-features': finishFeaturesTask,
  'record-failure': recordFeaturesFailureTask,
}).lambda();
