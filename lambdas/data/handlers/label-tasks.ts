import * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { task } from '../../shared/task.ts';
import { DataRoutes, LabelsEnv } from '../contract.ts';
import { showAgreement, showConsensus, showCorrections } from '../label-views.ts';

const workspace = z.string();
const wire = (env: z.output<typeof LabelsEnv>) => ({
  table: dynamoTable(env.CATALOGUE_TABLE),
  curated: s3Objects(env.CURATED_BUCKET),
});

export const showAgreementTask = task({
  input: DataRoutes.showAgreement.input.extend({ workspace }),
  env: LabelsEnv,
  wire,
  run: showAgreement,
});
export const showConsensusTask = task({
  input: DataRoutes.showConsensus.input.extend({ workspace }),
  env: LabelsEnv,
  wire,
  run: showConsensus,
});
export const showCorrectionsTask = task({
  input: DataRoutes.showCorrections.input.extend({ workspace }),
  env: LabelsEnv,
  wire,
  run: showCorrections,
});
