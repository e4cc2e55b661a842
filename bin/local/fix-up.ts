import {
  CreateRequestValidatorCommand,
  GetRequestValidatorsCommand,
  GetResourcesCommand,
  UpdateMethodCommand,
} from '@aws-sdk/client-api-gateway';
import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { DeleteBucketPolicyCommand, GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { stackTemplates } from './assembly.ts';
import type { AwsClients } from './aws-clients.ts';
import { LocalErrors } from './errors.ts';
import { type Fix, type MethodRef, planFixUp } from './fix-up-plan.ts';

/** The physical id of a logical one; fails where the stack has no such resource. */
type Physical = (logicalId: string) => string;

/**
 * Puts right what the emulator leaves out of the templates: ordinary AWS calls, each of which may be repeated.
 * Never needed on AWS, where CloudFormation does it.
 */
export async function fixUp(clients: AwsClients, assembly: string): Promise<void> {
  await Promise.all(
    stackTemplates(assembly).map(async (template) => {
      const fixes = planFixUp(template);
      if (fixes.length === 0) return;
      const ids = await physicalIds(clients, template.stackName);
      // A resource that a condition left out of this deployment has nothing to put right.
      const present = fixes.filter((fix) => ids.has(subject(fix)));
      const physical: Physical = (id) => {
        const found = ids.get(id);
        if (found !== undefined) return found;
        throw LocalErrors.FixUpUnclear(`${template.stackName}.${id}: the deployed stack has no such resource`);
      };
      await Promise.all(present.map((fix) => apply(clients, fix, physical)));
    }),
  );
}

function subject(fix: Fix): string {
  switch (fix.fix) {
    case 'timeToLive':
      return fix.table;
    case 'reservedConcurrency':
      return fix.function;
    case 'plainHttp':
      return fix.bucket;
    case 'requestValidator':
      return fix.api;
  }
}

async function physicalIds({ cloudformation }: AwsClients, stackName: string): Promise<Map<string, string>> {
  const { StackResources = [] } = await cloudformation.send(
    new DescribeStackResourcesCommand({ StackName: stackName }),
  );
  return new Map(
    StackResources.map(({ LogicalResourceId, PhysicalResourceId }) => [
      LogicalResourceId ?? '',
      PhysicalResourceId ?? '',
    ]),
  );
}

async function apply(clients: AwsClients, fix: Fix, physical: Physical): Promise<void> {
  switch (fix.fix) {
    case 'timeToLive':
      return enableTimeToLive(clients, physical(fix.table), fix.attribute);
    case 'reservedConcurrency':
      await clients.lambda.send(
        new PutFunctionConcurrencyCommand({
          FunctionName: physical(fix.function),
          ReservedConcurrentExecutions: fix.executions,
        }),
      );
      return;
    case 'plainHttp':
      return allowPlainHttp(clients, physical(fix.bucket));
    case 'requestValidator':
      return useValidator(clients, fix, physical);
  }
}

/** DynamoDB refuses to enable what is enabled. */
async function enableTimeToLive({ dynamodb }: AwsClients, table: string, attribute: string): Promise<void> {
  const { TimeToLiveDescription: now } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: table }));
  if (now?.TimeToLiveStatus === 'ENABLED' && now.AttributeName === attribute) return;
  await dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName: table,
      TimeToLiveSpecification: { AttributeName: attribute, Enabled: true },
    }),
  );
}

interface PolicyStatement {
  Effect: string;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Takes the statements that deny what does not come over TLS out of a bucket's policy, and leaves the others. */
async function allowPlainHttp({ s3 }: AwsClients, Bucket: string): Promise<void> {
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket })).catch((error: Error) => {
    if (error.name === 'NoSuchBucketPolicy') return { Policy: undefined };
    throw error;
  });
  if (!Policy) return;
  const policy = JSON.parse(Policy) as { Statement: PolicyStatement[] };
  const kept = policy.Statement.filter(({ Effect, Condition = {} }) => {
    const keys = Object.values(Condition).flatMap((each) => Object.keys(each));
    return !(Effect === 'Deny' && keys.some((key) => key === 'aws:SecureTransport' || key === 's3:TlsVersion'));
  });
  if (kept.length === policy.Statement.length) return;
  if (kept.length === 0) await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  else await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ ...policy, Statement: kept }) }));
}

async function useValidator(
  { apigateway }: AwsClients,
  { api, name, body, parameters, methods }: Fix & { fix: 'requestValidator' },
  physical: Physical,
): Promise<void> {
  const restApiId = physical(api);
  const { items = [] } = await apigateway.send(new GetRequestValidatorsCommand({ restApiId, limit: 500 }));
  const { id } =
    items.find((each) => each.name === name) ??
    (await apigateway.send(
      new CreateRequestValidatorCommand({
        restApiId,
        name,
        validateRequestBody: body,
        validateRequestParameters: parameters,
      }),
    ));
  for (const { resource, httpMethod } of methods) {
    await apigateway.send(
      new UpdateMethodCommand({
        restApiId,
        resourceId: await resourceId(apigateway, restApiId, resource, physical),
        httpMethod,
        patchOperations: [{ op: 'replace', path: '/requestValidatorId', value: id }],
      }),
    );
  }
}

async function resourceId(
  apigateway: AwsClients['apigateway'],
  restApiId: string,
  resource: MethodRef['resource'],
  physical: Physical,
): Promise<string> {
  if (typeof resource === 'string') return physical(resource);
  const { items = [] } = await apigateway.send(new GetResourcesCommand({ restApiId, limit: 500 }));
  return items.find(({ path }) => path === '/')?.id ?? '';
}
