import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { newId } from '../../shared/ids.ts';
import { deletionExecutions } from '../aws/deletion-executions.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { type DeletionDeps, requestDeletion } from '../request-deletion.ts';

export const deleteVersionEndpoint = endpoint({
  route: DataRoutes.deleteVersion,
  env: DataApiEnv,
  wire: (env): DeletionDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    startErasure: deletionExecutions(env.DELETE_VERSIONS_ARN),
    clock: systemClock,
    newId,
  }),
  run: (deps, input, { workspace, caller }) => requestDeletion(deps, { ...input, workspace, actor: caller.tokenId }),
});
