import { tasks } from '../../shared/task.ts';
import { flushRecordsTask } from './flush-records.ts';
import { recordFlushFailureTask } from './record-flush-failure.ts';

export const handler = tasks({
  'flush-records': flushRecordsTask,
  'record-flush-failure': recordFlushFailureTask,
}).lambda();
