import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { DeleteVersionsEnv, FindVersionsInput } from '../contract.ts';
import { findVersions } from '../expired-versions.ts';

export const findVersionsTask = task({
  input: FindVersionsInput,
  env: DeleteVersionsEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), clock: systemClock }),
  run: (deps, { only }) => findVersions(deps, only),
});
