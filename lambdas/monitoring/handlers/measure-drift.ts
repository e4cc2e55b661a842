import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { CheckDriftEnv, MeasureDriftInput } from '../contract.ts';
import { measureDrift } from '../measure-drift.ts';

export const measureDriftTask = task({
  env: CheckDriftEnv,
  input: MeasureDriftInput,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    windows: dynamoTable(env.WINDOWS_TABLE),
    bundles: s3Objects(env.BUNDLES_BUCKET),
    clock: systemClock,
    endpoints: env.ENDPOINTS,
  }),
  run: measureDrift,
});
