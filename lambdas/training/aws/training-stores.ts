import type * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import type { TrainingStoresEnv } from '../contract.ts';
import { onnxModel } from './onnx-model.ts';
import { ownCode } from './own-code.ts';

/** What every step that trains or judges works with. */
export const trainingStores = (env: z.output<typeof TrainingStoresEnv>) => ({
  table: dynamoTable(env.CATALOGUE_TABLE),
  curated: s3Objects(env.CURATED_BUCKET),
  artifacts: s3Objects(env.ARTIFACTS_BUCKET),
  loadModel: onnxModel,
  trainerCode: ownCode(),
  node: process.versions.node,
});
