import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { newId } from '../../shared/ids.ts';
import { sfnFlush } from '../aws/sfn-flush.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { type SendDeps, sendRecords } from '../send-records.ts';

export const sendRecordsEndpoint = endpoint({
  route: DataRoutes.sendRecords,
  env: DataApiEnv,
  wire: (env): SendDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    buffer: dynamoTable(env.BUFFER_TABLE),
    startFlush: sfnFlush(env.FLUSH_RECORDS_ARN),
    clock: systemClock,
    newId,
  }),
  run: (deps, input, { workspace }) => sendRecords(deps, { ...input, workspace }),
});
