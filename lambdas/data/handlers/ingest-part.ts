import * as z from 'zod';
import { task } from '../../shared/task.ts';
import { ArrivedObject, IngestEnv, IngestionPlan } from '../contract.ts';
import { ingestPart } from '../ingest.ts';
import { ingestDeps } from './ingest-deps.ts';

export const ingestPartTask = task({
  input: z.strictObject({ object: ArrivedObject, plan: IngestionPlan, part: IngestionPlan.shape.parts.element }),
  env: IngestEnv,
  wire: ingestDeps,
  run: ingestPart,
});
