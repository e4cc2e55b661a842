import { tasks } from '../../shared/task.ts';
import { ingestObjectTask } from './ingest-object.ts';
import { recordFailureTask } from './record-failure.ts';

export const handler = tasks({ 'ingest-object': ingestObjectTask, 'record-failure': recordFailureTask }).lambda();
