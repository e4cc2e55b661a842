import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { searchDatasets } from '../dataset-search.ts';

export const searchDatasetsEndpoint = endpoint({
  route: DataRoutes.searchDatasets,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { words, ...wanted }, { workspace }) =>
    searchDatasets(table, { ...wanted, words: words.split(/\s+/).filter(Boolean), workspace }),
});
