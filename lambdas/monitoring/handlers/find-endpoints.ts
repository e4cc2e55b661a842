import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { CheckDriftEnv, CheckDriftInput } from '../contract.ts';
import { findEndpoints } from '../find-endpoints.ts';

export const findEndpointsTask = task({
  env: CheckDriftEnv,
  input: CheckDriftInput,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    windows: dynamoTable(env.WINDOWS_TABLE),
    clock: systemClock,
    endpoints: env.ENDPOINTS,
  }),
  run: findEndpoints,
});
