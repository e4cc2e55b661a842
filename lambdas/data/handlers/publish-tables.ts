import type { EventBridgeEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { consumer } from '../../shared/consumer.ts';
import { glueCatalogue } from '../aws/glue-catalogue.ts';
import { versionRecords } from '../aws/version-records.ts';
import { PublishTablesEnv } from '../contract.ts';
import { type PublishTablesDeps, publishTables, type RegisteredVersion } from '../publish-tables.ts';

const consume = consumer<
  EventBridgeEvent<string, unknown>,
  RegisteredVersion,
  typeof PublishTablesEnv,
  PublishTablesDeps
>({
  env: PublishTablesEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    curated: s3Objects(env.CURATED_BUCKET),
    catalogue: glueCatalogue(),
    stage: env.STAGE,
  }),
  records: versionRecords,
  run: publishTables,
});
export const handler = consume.lambda();
