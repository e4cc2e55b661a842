import { tasks } from '../../shared/task.ts';
import { finishIngestionTask } from './finish-ingestion.ts';
import { ingestObjectTask } from './ingest-object.ts';
import { ingestPartTask } from './ingest-part.ts';
import { recordFailureTask } from './record-failure.ts';

export const handler = tasks({
  'ingest-object': ingestObjectTask,
  'ingest-part': ingestPartTask,
  'finish-ingestion': finishIngestionTask,
  'record-failure': recordFailureTask,
}).lambda();
