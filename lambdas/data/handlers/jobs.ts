import { tasks } from '../../shared/task.ts';
import { collectLabelsTask } from './collect-labels.ts';
import { collectSparkTask } from './collect-spark.ts';
import { prepareLabellingTask } from './prepare-labelling.ts';
import { prepareSparkTask } from './prepare-spark.ts';

export const handler = tasks({
  'prepare-spark': prepareSparkTask,
  'collect-spark': collectSparkTask,
  'prepare-labelling': prepareLabellingTask,
  'collect-labels': collectLabelsTask,
}).lambda();
