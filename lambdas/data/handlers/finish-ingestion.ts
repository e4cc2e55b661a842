import * as z from 'zod';
import { task } from '../../shared/task.ts';
import { ArrivedObject, IngestEnv, IngestionPlan } from '../contract.ts';
import { finishIngestion } from '../ingest.ts';
import { ingestDeps } from './ingest-deps.ts';

export const finishIngestionTask = task({
  input: z.strictObject({ object: ArrivedObject, plan: IngestionPlan }),
  env: IngestEnv,
  wire: ingestDeps,
  run: finishIngestion,
});
