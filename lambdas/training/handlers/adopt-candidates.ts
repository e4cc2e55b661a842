import type { EventBridgeEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { consumer } from '../../shared/consumer.ts';
import { sfnExecutions } from '../aws/sfn-executions.ts';
import { AdoptCandidatesEnv } from '../contract.ts';
import { type CandidateDeps, type CandidateNews, hearCandidates } from '../hear-candidates.ts';

export const adoptCandidates = consumer<
  EventBridgeEvent<string, Record<string, unknown>>,
  CandidateNews,
  typeof AdoptCandidatesEnv,
  CandidateDeps
>({
  env: AdoptCandidatesEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    artifacts: s3Objects(env.ARTIFACTS_BUCKET),
    executions: sfnExecutions(env.TRAIN_MODEL_ARN),
    clock: systemClock,
  }),
  records: (event) => [{ id: event.id, message: { type: event['detail-type'], detail: event.detail } }],
  run: hearCandidates,
});
export const handler = adoptCandidates.lambda();
