import { GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { AwsClient } from 'aws4fetch';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../../bin/local/aws-clients.ts';
import { callerOf } from '../../../lambdas/shared/caller.ts';
import type { IamCaller } from '../../../lambdas/shared/iam-caller.ts';
import { createStack, inlineFunction, role } from '../cloud/inline-stack.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const cloud = cloudUnderTest();
const ACCOUNT = '000000000000';
const NAME = `signed-${process.pid}`;

/** What a role may take on and do, which any principal of the account takes for the asking. */
const callerRole = (name: string, ...statements: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' }],
    },
    Policies: statements.map((statement, i) => ({
      PolicyName: `p${i}`,
      PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    })),
  },
});

/** An API whose one method asks for a signature, before a function that answers with what it was told of the caller. */
const signedApi = () => ({
  Role: role('lambda'),
  Echo: inlineFunction(
    'Role',
    'exports.handler = async ({ requestContext }) => ({ statusCode: 200, body: JSON.stringify({ requestContext }) });',
    { FunctionName: NAME },
  ),
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: NAME } },
  Method: {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: { Ref: 'Api' },
      ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
      HttpMethod: 'ANY',
      AuthorizationType: 'AWS_IAM',
      Integration: {
        Type: 'AWS_PROXY',
        IntegrationHttpMethod: 'POST',
        Uri: {
          'Fn::Sub': `arn:aws:apigateway:${LOCAL_REGION}:lambda:path/2015-03-31/functions/\${Echo.Arn}/invocations`,
        },
      },
    },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: 'Echo' },
      Principal: 'apigateway.amazonaws.com',
    },
  },
  Deployment: {
    Type: 'AWS::ApiGateway::Deployment',
    DependsOn: ['Method'],
    Properties: { RestApiId: { Ref: 'Api' }, StageName: 'v1' },
  },
  Scientists: callerRole(`${NAME}-scientists`, { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }),
  Strangers: callerRole(`${NAME}-strangers`, { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }),
  Outsiders: callerRole(`${NAME}-outsiders`, { Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }),
});

describe('a signed request on the local cloud', () => {
  let url: string;
  beforeAll(async () => {
    await createStack(cloud.aws, NAME, signedApi());
    const { items = [] } = await cloud.aws.apigateway.send(new GetRestApisCommand({ limit: 500 }));
    const id = items.find(({ name }) => name === NAME)?.id;
    url = `${cloud.endpoint}/restapis/${id}/v1/_user_request_/`;
  }, 60_000);

  const sts = new STSClient({ endpoint: cloud.endpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS });
  /** A client that signs as somebody who has taken on the role. */
  async function as(name: string, changed: { secretAccessKey?: string } = {}) {
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${NAME}-${name}`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'ada' }));
    return new AwsClient({
      accessKeyId: Credentials?.AccessKeyId as string,
      secretAccessKey: Credentials?.SecretAccessKey as string,
      sessionToken: Credentials?.SessionToken as string,
      region: LOCAL_REGION,
      service: 'execute-api',
      retries: 0,
      ...changed,
    });
  }
  const callers: IamCaller[] = [
    { principal: `arn:aws:iam::${ACCOUNT}:role/lab/${NAME}-sc*`, roles: ['scientist'], workspaces: ['team-a'] },
  ];

  test('is known by the role that its sender has taken on, and has what the stage gives that role', async () => {
    const response = await (await as('scientists')).fetch(url, { method: 'POST', body: '{}' });
    expect(response.status).toBe(200);
    expect(callerOf((await response.json()) as never, callers)).toEqual({
      tokenId: `arn:aws:sts::${ACCOUNT}:assumed-role/${NAME}-scientists/ada`,
      roles: ['scientist'],
      workspaces: ['team-a'],
    });
  });

  test('of a role that the stage does not name is refused by the function', async () => {
    const told = (await (await (await as('strangers')).fetch(url)).json()) as never;
    expect(() => callerOf(told, callers)).toThrow(expect.objectContaining({ name: 'PrincipalUnknown' }));
  });

  test('reaches no function without the permission, with a wrong secret, or unsigned', async () => {
    for (const client of [await as('outsiders'), await as('scientists', { secretAccessKey: 'x'.repeat(40) })])
      expect((await client.fetch(url)).status).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(url, { headers: { authorization: `Bearer ${cloud.token}` } })).status).toBe(403);
  });
});
