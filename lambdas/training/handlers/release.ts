import { tasks } from '../../shared/task.ts';
import { judgeModelTask } from './judge-model.ts';
import { packageModelTask } from './package-model.ts';
import { recordFailureTask } from './record-failure.ts';
import { registerModelTask } from './register-model.ts';
import { rejectModelTask } from './reject-model.ts';

export const handler = tasks({
  'judge-model': judgeModelTask,
  'package-model': packageModelTask,
  'register-model': registerModelTask,
  'reject-model': rejectModelTask,
  'record-failure': recordFailureTask,
}).lambda();
