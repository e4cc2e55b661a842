import type { EventBridgeEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { consumer } from '../../shared/consumer.ts';
import { retrainingRecords } from '../aws/retraining-records.ts';
import { sfnExecutions } from '../aws/sfn-executions.ts';
import { type RetrainingRequested, StartTrainingEnv } from '../contract.ts';
import { type StartRunDeps, startRun } from '../start-run.ts';

export const startTraining = consumer<
  EventBridgeEvent<string, unknown>,
  RetrainingRequested,
  typeof StartTrainingEnv,
  StartRunDeps
>({
  env: StartTrainingEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    executions: sfnExecutions(env.TRAIN_MODEL_ARN),
    clock: systemClock,
  }),
  records: retrainingRecords,
  run: async (deps, request) => void (await startRun(deps, { ...request, actor: 'training/start-training' })),
});
export const handler = startTraining.lambda();
