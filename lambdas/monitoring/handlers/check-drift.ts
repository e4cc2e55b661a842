import { tasks } from '../../shared/task.ts';
import { findEndpointsTask } from './find-endpoints.ts';
import { measureDriftTask } from './measure-drift.ts';
import { publishDriftTask } from './publish-drift.ts';
import { recordFailureTask } from './record-failure.ts';

export const handler = tasks({
  'find-endpoints': findEndpointsTask,
  'measure-drift': measureDriftTask,
  'publish-drift': publishDriftTask,
  'record-failure': recordFailureTask,
}).lambda();
