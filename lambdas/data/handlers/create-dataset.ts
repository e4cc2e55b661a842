import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { createDataset } from '../dataset.ts';
import { showDataset } from '../views.ts';

export const createDatasetEndpoint = endpoint({
  route: DataRoutes.createDataset,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), clock: systemClock }),
  run: async ({ table, clock }, { dataset, spec }, { workspace, caller }) => {
    const at = clock().toISOString();
    await createDataset(table, { workspace, dataset, text: spec, actor: caller.tokenId, at });
    return showDataset(table, { workspace, dataset });
  },
});
