import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  InvalidRequestException,
  StartQueryExecutionCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-athena';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { SharedErrors } from '../../shared/errors.ts';
import { DataErrors } from '../errors.ts';
import { type QueryState, RESULTS_PREFIX, type SqlEngine } from '../sql-query.ts';
import { databaseName } from '../sql-tables.ts';

export interface AthenaSettings {
  stage: string;
  workgroup: string;
  /** The role that may read every workspace; a session of it may read one. */
  readerRole: string;
  /** Bucket of the curated zone, and the one that results go to. */
  curated: string;
  results: string;
}

/** A client with the rights of one workspace. */
export type ClientOf = (workspace: string) => Promise<Pick<AthenaClient, 'send'>>;

const PAGE = 1000;

export function athenaEngine(settings: AthenaSettings, clientOf: ClientOf = workspaceClients(settings)): SqlEngine {
  return {
    async start({ workspace, sql, token }) {
      const client = await clientOf(workspace);
      const { QueryExecutionId } = await translated(() =>
        client.send(
          new StartQueryExecutionCommand({
            QueryString: sql,
            ClientRequestToken: token,
            WorkGroup: settings.workgroup,
            QueryExecutionContext: { Database: databaseName(settings.stage, workspace) },
          }),
        ),
      );
      return QueryExecutionId as string;
    },
    async state(workspace, queryId) {
      const client = await clientOf(workspace);
      const { QueryExecution } = await translated(() =>
        client.send(new GetQueryExecutionCommand({ QueryExecutionId: queryId })),
      );
      const { Status, Statistics } = QueryExecution ?? {};
      const reason = Status?.StateChangeReason ?? Status?.AthenaError?.ErrorMessage;
      return {
        queryId,
        status: STATES[Status?.State ?? 'QUEUED'] ?? 'running',
        ...(reason && { reason }),
        ...(Statistics?.DataScannedInBytes !== undefined && { bytesScanned: Statistics.DataScannedInBytes }),
      };
    },
    async rows(workspace, queryId, after) {
      const client = await clientOf(workspace);
      const { ResultSet, NextToken } = await translated(() =>
        client.send(new GetQueryResultsCommand({ QueryExecutionId: queryId, NextToken: after, MaxResults: PAGE })),
      );
      const infos = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      const rows = (ResultSet?.Rows ?? []).map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue));
      // The first page of a SELECT begins with the names of its columns.
      const names = infos.map(({ Name }) => Name);
      const headed = after === undefined && rows[0]?.every((text, i) => text === names[i]);
      return {
        columns: infos.map(({ Name = '', Type = '' }) => ({ name: Name, type: Type.toUpperCase() })),
        rows: (headed ? rows.slice(1) : rows).map((row) => infos.map((info, i) => plainValue(info, row[i]))),
        ...(NextToken && { next: NextToken }),
      };
    },
  };
}

const STATES: Readonly<Record<string, QueryState['status']>> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'failed',
};

function plainValue({ Type = '' }: { Type?: string | undefined }, text: string | undefined): unknown {
  if (text === undefined) return null;
  if (Type === 'boolean') return text === 'true';
  if (/^(tinyint|smallint|integer|float|real|double)$/.test(Type)) {
    const number = Number(text);
    return Number.isFinite(number) ? number : text;
  }
  return text;
}

/** Sessions last 15 minutes, the least that there is; a client is used for less. */
const SESSION_SECONDS = 900;
const USED_MS = 600_000;

function workspaceClients(settings: AthenaSettings, sts = new STSClient({})): ClientOf {
  const kept = new Map<string, { client: AthenaClient; until: number }>();
  return async (workspace) => {
    const there = kept.get(workspace);
    if (there && there.until > Date.now()) return there.client;
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: settings.readerRole,
        RoleSessionName: `query-${workspace}`.slice(0, 64),
        DurationSeconds: SESSION_SECONDS,
        Policy: JSON.stringify(sessionPolicy(settings, workspace)),
      }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken,
    };
    const client = new AthenaClient({ credentials });
    kept.set(workspace, { client, until: Date.now() + USED_MS });
    return client;
  };
}

/**
 * What a session may do of what its role may: Athena reads tables and files with the rights of who asks, so that one
 * workspace's SQL cannot name another's tables, however it is written.
 */
export function sessionPolicy({ stage, curated, results }: AthenaSettings, workspace: string) {
  const database = databaseName(stage, workspace);
  const allow = (Action: string[], Resource: string[]) => ({ Effect: 'Allow', Action, Resource });
  return {
    Version: '2012-10-17',
    Statement: [
      allow(['athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults'], ['*']),
      allow(
        ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartitions'],
        ['catalog', 'database/default', `database/${database}`, `table/${database}/*`].map(
          (each) => `arn:*:glue:*:*:${each}`,
        ),
      ),
      allow(
        ['s3:GetObject'],
        ['train', 'links'].map((part) => `arn:*:s3:::${curated}/${workspace}/*/${part}/*`),
      ),
      allow(
        ['s3:ListBucket', 's3:GetBucketLocation'],
        [curated, results].map((bucket) => `arn:*:s3:::${bucket}`),
      ),
      allow(['s3:GetObject', 's3:PutObject'], [`arn:*:s3:::${results}/${RESULTS_PREFIX}*`]),
    ],
  };
}

async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof InvalidRequestException) throw DataErrors.QueryRefused(`sql: ${cause.message}`, { cause });
    if (cause instanceof TooManyRequestsException)
      throw SharedErrors.ServiceThrottled('the SQL engine asked to come again', { cause });
    throw cause;
  }
}
