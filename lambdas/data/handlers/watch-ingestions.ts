import type { EventBridgeEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { consumer } from '../../shared/consumer.ts';
import type { Table } from '../../shared/table.ts';
import { cloudWatchFigures } from '../aws/cloud-watch-figures.ts';
import { ingestionRecords } from '../aws/ingestion-records.ts';
import { CheckDatasetsEnv, dataMetricNamespace } from '../contract.ts';
import type { PublishFigures } from '../dataset-watch.ts';
import { type IngestionNews, watchIngestion } from '../watch-ingestion.ts';

const consume = consumer<
  EventBridgeEvent<string, unknown>,
  IngestionNews,
  typeof CheckDatasetsEnv,
  { table: Table; publish: PublishFigures }
>({
  env: CheckDatasetsEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    publish: cloudWatchFigures(dataMetricNamespace(env.STAGE)),
  }),
  records: ingestionRecords,
  run: watchIngestion,
});
export const handler = consume.lambda();
