import * as z from 'zod';
import { task } from '../../shared/task.ts';
import { ArrivedObject, IngestEnv } from '../contract.ts';
import { ingestObject } from '../ingest.ts';
import { ingestDeps } from './ingest-deps.ts';

export const ingestObjectTask = task({
  input: z.strictObject({ object: ArrivedObject }),
  env: IngestEnv,
  wire: ingestDeps,
  run: (deps, { object }) => ingestObject(deps, object),
});
