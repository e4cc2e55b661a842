import type { SNSEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { consumer } from '../../shared/consumer.ts';
import { jsonLogger } from '../../shared/logger.ts';
import { alarmRecords } from '../aws/alarm-records.ts';
import { DecideRetrainingEnv } from '../contract.ts';
import { type HearDeps, hearAlarm } from '../hear-alarm.ts';

export const decideRetrainingConsumer = consumer<SNSEvent, string, typeof DecideRetrainingEnv, HearDeps>({
  env: DecideRetrainingEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    clock: systemClock,
    endpoints: env.ENDPOINTS,
    cooldownMinutes: env.COOLDOWN_MINUTES,
    stage: env.STAGE,
    logger: jsonLogger,
  }),
  records: alarmRecords,
  run: hearAlarm,
});
export const handler = decideRetrainingConsumer.lambda();
