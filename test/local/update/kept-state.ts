import { paginateListTables, paginateScan } from '@aws-sdk/client-dynamodb';
import { paginateListAliases, paginateListFunctions, paginateListVersionsByFunction } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { AwsClients } from '../../../bin/local/aws-clients.ts';

/** Everything that a deployment must not lose or change, each thing under a name of its own. */
export async function keptState(aws: AwsClients): Promise<Record<string, unknown>> {
  const parts = await Promise.all([versions(aws), items(aws), objects(aws)]);
  return Object.fromEntries(parts.flat());
}

type Named = [name: string, value: unknown];

/** What is published, and where aliases point. */
async function versions({ lambda: client }: AwsClients): Promise<Named[]> {
  const named: Named[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName = '' } of Functions) {
      for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, { FunctionName })) {
        for (const { Version, CodeSha256, Environment, Role } of Versions) {
          // A deployment is what changes $LATEST.
          if (Version !== '$LATEST')
            named.push([`version ${FunctionName}:${Version}`, { CodeSha256, Environment, Role }]);
        }
      }
      for await (const { Aliases = [] } of paginateListAliases({ client }, { FunctionName })) {
        for (const { Name, FunctionVersion, RoutingConfig, RevisionId } of Aliases)
          named.push([`alias ${FunctionName}:${Name}`, { FunctionVersion, RoutingConfig, RevisionId }]);
      }
    }
  }
  return named;
}

async function items({ dynamodb: client }: AwsClients): Promise<Named[]> {
  const named: Named[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const TableName of TableNames) {
      for await (const { Items = [] } of paginateScan({ client }, { TableName }))
        for (const item of Items) named.push([`item ${TableName} ${item['pk']?.S} ${item['sk']?.S}`, item]);
    }
  }
  return named;
}

async function objects({ s3: client }: AwsClients): Promise<Named[]> {
  const named: Named[] = [];
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  for (const { Name: Bucket = '' } of Buckets) {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
      for (const { Key, ETag } of Contents) named.push([`object ${Bucket}/${Key}`, ETag]);
  }
  return named;
}
