import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { GatewayStack } from '../../lib/gateway/gateway-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import type { PlatformFunction } from '../../lib/shared/platform-function.ts';
import { parseStage } from '../../lib/shared/stage.ts';

const UI_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:ui';

function aGatewayTemplate(config: object = {}): Template {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage('prod', { prod: config });
  const lineage = new LineageStack(app, stage);
  const gateway = new GatewayStack(app, stage, {
    // Any function does for the tracking API's, whose mount is what matters here.
    apis: { lineage: lineage.api, tracking: lineage.api },
    trackingUi: { arn: UI_ARN } as PlatformFunction,
    endpoints: { rain: { aliasArn: 'arn:aws:lambda:us-east-1:000000000000:function:rain:live' } },
  });
  return Template.fromStack(gateway);
}

/** The resources of an API by their whole path, with each method's authorization. */
function mountsOf(template: Template): Record<string, { type: string; integration: string }> {
  const resources = template.findResources('AWS::ApiGateway::Resource');
  const pathOf = (id: string): string => {
    const { PathPart, ParentId } = resources[id]?.['Properties'] ?? {};
    return PathPart === undefined ? '' : `${ParentId.Ref ? pathOf(ParentId.Ref) : ''}/${PathPart}`;
  };
  return Object.fromEntries(
    Object.values(template.findResources('AWS::ApiGateway::Method')).map(({ Properties }) => [
      `${Properties.HttpMethod === 'ANY' ? '' : `${Properties.HttpMethod} `}${pathOf(Properties.ResourceId.Ref)}`,
      { type: Properties.AuthorizationType, integration: JSON.stringify(Properties.Integration.Uri) },
    ]),
  );
}

describe('the gateway stack', () => {
  const template = aGatewayTemplate();
  const methods = Object.values(template.findResources('AWS::ApiGateway::Method'));

  test('has two APIs and no method without the authorizer', () => {
    template.resourceCountIs('AWS::ApiGateway::RestApi', 2);
    expect(methods.length).toBeGreaterThan(0);
    for (const { Properties } of methods)
      expect(Properties).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: expect.anything() });
  });

  test('uses Lambda proxy integrations only', () => {
    for (const { Properties } of methods)
      expect(Properties.Integration).toMatchObject({ Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST' });
  });

  test('asks the authorizer every time on control, and remembers 60 seconds by Authorization on inference', () => {
    const authorizers = Object.values(template.findResources('AWS::ApiGateway::Authorizer')).map(
      ({ Properties }) => Properties,
    );
    expect(authorizers).toHaveLength(2);
    expect(authorizers.find((each) => each.AuthorizerResultTtlInSeconds === 0)?.IdentitySource ?? '').toBe('');
    expect(authorizers.find((each) => each.AuthorizerResultTtlInSeconds === 60)?.IdentitySource).toBe(
      'method.request.header.Authorization',
    );
  });

  test.each(['error_code', 'error'])('answers its own errors in the protocol of each API: %s', (key) => {
    for (const [type, status] of [
      ['UNAUTHORIZED', '401'],
      ['ACCESS_DENIED', '403'],
      ['MISSING_AUTHENTICATION_TOKEN', '404'],
      ['INVALID_SIGNATURE', '401'],
      ['EXPIRED_TOKEN', '401'],
    ]) {
      const answers = template.findResources('AWS::ApiGateway::GatewayResponse', {
        Properties: { ResponseType: type, StatusCode: status },
      });
      const bodies = Object.values(answers).map(
        ({ Properties }) => JSON.parse(Properties.ResponseTemplates['application/json']) as object,
      );
      expect(bodies.some((body) => key in body)).toBe(true);
    }
  });

  test('serves the pages for logging in and out itself, below the tracking API', () => {
    const mounts = mountsOf(template);
    const own = mounts['/gateway']?.integration;
    for (const path of ['/tracking/login', '/tracking/logout'])
      expect([path, mounts[path]]).toEqual([path, { type: 'CUSTOM', integration: own }]);
    for (const path of ['/tracking', '/tracking/{proxy+}'])
      expect([path, mounts[path]?.integration === own]).toEqual([path, false]);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      SourceArn: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith(['/*/*/tracking/login'])] }),
    });
  });

  test('sends whoever reads the tracking URI or a file of the UI to the UI, and all else to the API', () => {
    const mounts = mountsOf(template);
    const toUi = Object.keys(mounts).filter((path) => mounts[path]?.integration.includes(UI_ARN));
    expect(toUi.sort()).toEqual([
      'GET /tracking',
      'GET /tracking/static-files/{proxy+}',
      'GET /tracking/t/{workspace}',
      'GET /tracking/t/{workspace}/static-files/{proxy+}',
    ]);
    expect(mounts['/tracking/t/{workspace}/{proxy+}']).toEqual(mounts['/tracking/{proxy+}']);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: UI_ARN,
      SourceArn: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith(['/*/GET/tracking/t/*/static-files/*'])] }),
    });
  });

  test('tells the authorizer by a variable of the stage whose request it has', () => {
    const stages = Object.values(template.findResources('AWS::ApiGateway::Stage')).map(({ Properties }) => Properties);
    expect(stages.map(({ Variables }) => Variables.api).sort()).toEqual(['control', 'inference']);
  });

  test('has AWS check signatures at the tracking API, and nowhere else, where the stage names principals', () => {
    const callers = [
      { principal: 'arn:aws:iam::111122223333:role/Scientists', roles: ['scientist'], workspaces: ['default'] },
    ];
    const signedTemplate = aGatewayTemplate({ trackingIam: { callers } });
    const mounts = mountsOf(signedTemplate);
    const signed = Object.keys(mounts).filter((path) => mounts[path]?.type === 'AWS_IAM');
    expect(signed.sort()).toEqual(['/tracking', '/tracking/{proxy+}']);
    expect(
      Object.keys(mounts)
        .filter((path) => path.startsWith('/tracking'))
        .sort(),
    ).toEqual(signed.sort());
    const told = (of: Template) =>
      JSON.stringify(
        of.findResources('AWS::ApiGateway::GatewayResponse', {
          Properties: { ResponseType: 'MISSING_AUTHENTICATION_TOKEN' },
        }),
      );
    expect([told(signedTemplate), told(template)].map((text) => text.includes('signature'))).toEqual([true, false]);
    expect(Object.values(mounts).every(({ type }) => ['CUSTOM', 'AWS_IAM'].includes(type))).toBe(true);
  });

  test('may be invoked by its own APIs only', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Permission'))) {
      expect(Properties).toMatchObject({ Principal: 'apigateway.amazonaws.com', SourceArn: expect.anything() });
    }
  });

  test('lets the authorizer read tokens and never write them', () => {
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
      id.startsWith('Authorize'),
    );
    const actions = policies.flatMap(([, { Properties }]) =>
      Properties.PolicyDocument.Statement.flatMap((statement: { Action: string[] }) => statement.Action),
    );
    expect(actions).toContain('dynamodb:GetItem');
    expect(actions).not.toContain('dynamodb:PutItem');
  });

  test('puts the first-token function behind no URL', () => {
    const target = JSON.stringify(methods.map(({ Properties }) => Properties.Integration));
    expect(target).not.toContain('FirstToken');
    template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'millrace-prod-gateway-first-token' });
  });

  test('throttles both stages and writes their access logs', () => {
    template.allResourcesProperties('AWS::ApiGateway::Stage', {
      AccessLogSetting: Match.objectLike({ DestinationArn: Match.anyValue() }),
      MethodSettings: Match.arrayWith([Match.objectLike({ ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 })]),
    });
  });

  test('makes a stage that logs only when the account says with which role, and keeps that role', () => {
    const [account] = Object.keys(template.findResources('AWS::ApiGateway::Account'));
    const stages = Object.values(template.findResources('AWS::ApiGateway::Stage'));
    expect(stages).toHaveLength(2);
    for (const { DependsOn } of stages) expect(DependsOn).toContain(account);
    template.hasResource('AWS::IAM::Role', {
      DeletionPolicy: 'Retain',
      Properties: {
        AssumeRolePolicyDocument: Match.objectLike({
          Statement: [Match.objectLike({ Principal: { Service: 'apigateway.amazonaws.com' } })],
        }),
      },
    });
  });

  test('keeps the token table under its pinned id', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: Match.objectLike({ TableName: 'millrace-prod-tokens', DeletionProtectionEnabled: true }),
    });
    expect(Object.keys(template.findResources('AWS::DynamoDB::Table'))).toEqual(['TokensF9C4522F']);
  });
});
