import { describe, expect, test } from '@jest/globals';
import { idleCost } from '../../lib/shared/idle-cost.ts';
import { parseStage } from '../../lib/shared/stage.ts';
import { synthesizedApp } from '../repo/synthesized-app.ts';
import { BEHAVIOURS } from './behaviours.ts';

const stacks = synthesizedApp('edge');
const template = stacks['millrace-edge-edge'] ?? { Resources: {} };
const data = stacks['millrace-edge-data'] ?? { Resources: {} };
const gateway = stacks['millrace-edge-gateway'] ?? { Resources: {} };

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape, which each test states
type Properties = any;
const all = (type: string, { Resources } = template): Properties[] =>
  Object.values(Resources).flatMap((each) => (each.Type === type ? [each.Properties] : []));
const [only] = all('AWS::CloudFront::Distribution');
const config = only.DistributionConfig;
const behaviours: Properties[] = [...config.CacheBehaviors, { ...config.DefaultCacheBehavior, PathPattern: '*' }];

/** The behaviour that CloudFront takes for a path: the first whose pattern fits. */
const behaviourOf = (path: string) =>
  behaviours.find(({ PathPattern }) => {
    const pattern = PathPattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^/?${pattern.replace(/^\//, '')}$`).test(path);
  });

const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_BUT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

describe('the edge stack', () => {
  test('is there only where a stage asks for it', () => {
    expect(Object.keys(synthesizedApp('prod'))).not.toContain('millrace-prod-edge');
    expect(JSON.stringify(synthesizedApp('prod'))).not.toMatch(/AWS::CloudFront|cloudfront\.amazonaws/);
  });

  test('has two origins: the API, and the bucket behind origin access control', () => {
    expect(config.Origins).toEqual([
      expect.objectContaining({
        Id: 'api',
        OriginPath: expect.anything(),
        CustomOriginConfig: expect.objectContaining({
          OriginProtocolPolicy: 'https-only',
          OriginSSLProtocols: ['TLSv1.2'],
        }),
      }),
      expect.objectContaining({ Id: 'artifacts', OriginAccessControlId: expect.anything() }),
    ]);
    expect(all('AWS::CloudFront::OriginAccessControl')).toEqual([
      {
        OriginAccessControlConfig: expect.objectContaining({
          OriginAccessControlOriginType: 's3',
          SigningBehavior: 'always',
          SigningProtocol: 'sigv4',
        }),
      },
    ]);
  });

  test('asks the function about every request, with every header but the host and every method', () => {
    for (const each of behaviours) {
      expect(each).toMatchObject({
        TargetOriginId: 'api',
        ViewerProtocolPolicy: 'https-only',
        OriginRequestPolicyId: ALL_BUT_HOST,
        FunctionAssociations: [{ EventType: 'viewer-request' }],
      });
      expect(each.AllowedMethods).toHaveLength(7);
    }
    const [fn] = all('AWS::CloudFront::Function');
    expect(fn).toMatchObject({
      AutoPublish: true,
      FunctionConfig: { Runtime: 'cloudfront-js-2.0', KeyValueStoreAssociations: [expect.anything()] },
    });
    expect(fn.FunctionCode).toContain("cf.selectRequestOriginById('artifacts')");
  });

  test.each(BEHAVIOURS.filter(([method]) => method !== 'POST'))(
    'keeps nothing of %s %s that may change',
    (_m, path) => {
      const isFile = path.startsWith('/static-files/');
      expect(behaviourOf(path).CachePolicyId === CACHING_DISABLED).toBe(!isFile);
    },
  );

  test('keeps files of the UI alone, whatever stands in a path', () => {
    for (const at of ['/t/team/api/2.0/mlflow-artifacts/presigned/0', '/api/2.0/mlflow-artifacts/artifacts', '/t/team'])
      expect(behaviourOf(`${at}/static-files/x.js`).CachePolicyId).toBe(CACHING_DISABLED);
    expect(behaviourOf('/static-files/x.js').CachePolicyId).not.toBe(CACHING_DISABLED);
  });

  test('has every artifact saved, never shown', () => {
    const policies = Object.fromEntries(
      Object.entries(template.Resources).map(([id, { Properties: of }]: [string, Properties]) => [id, of]),
    );
    for (const [, path] of BEHAVIOURS.filter(([, , to]) => to === 'bucket')) {
      const policy =
        policies[
          behaviourOf(path).ResponseHeadersPolicyId.Ref ?? behaviourOf(path).ResponseHeadersPolicyId['Fn::GetAtt'][0]
        ];
      expect(policy.ResponseHeadersPolicyConfig).toMatchObject({
        SecurityHeadersConfig: { ContentTypeOptions: { Override: true }, FrameOptions: { FrameOption: 'SAMEORIGIN' } },
        CustomHeadersConfig: { Items: [{ Header: 'content-disposition', Value: 'attachment', Override: true }] },
      });
    }
  });

  test('keeps no failure: what was missing a moment ago may be there', () => {
    expect(config.CustomErrorResponses.length).toBeGreaterThan(5);
    for (const each of config.CustomErrorResponses) expect(each).toMatchObject({ ErrorCachingMinTTL: 0 });
    expect(config.CustomErrorResponses.map(({ ErrorCode }: Properties) => ErrorCode)).toEqual(
      expect.arrayContaining([403, 404, 503]),
    );
  });

  test('lets CloudFront read and write client files alone, and never copy', () => {
    const statements = all('AWS::S3::BucketPolicy', data)
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Principal }) => Principal.Service === 'cloudfront.amazonaws.com');
    expect(statements.map(({ Action }) => Action).sort()).toEqual(['s3:GetObject', 's3:ListBucket', 's3:PutObject']);
    for (const { Action, Resource, Condition } of statements) {
      expect(JSON.stringify(Condition.ArnLike)).toContain(':distribution/*');
      if (Action !== 's3:ListBucket') expect(JSON.stringify(Resource)).toContain('/*/mlflow/*');
      if (Action === 's3:PutObject') expect(Condition.Null).toEqual({ 's3:x-amz-copy-source': 'true' });
    }
  });

  test('hears every change of the token table, one at a time, and may change its own store alone', () => {
    expect(all('AWS::DynamoDB::Table', gateway)).toEqual([
      expect.objectContaining({ StreamSpecification: { StreamViewType: 'NEW_IMAGE' } }),
    ]);
    const [publish] = all('AWS::Lambda::Function').filter(({ FunctionName }) =>
      FunctionName.endsWith('publish-tokens'),
    );
    expect(publish.ReservedConcurrentExecutions).toBe(1);
    expect(all('AWS::Lambda::EventSourceMapping')).toEqual([
      expect.objectContaining({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        StartingPosition: 'TRIM_HORIZON',
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      }),
    ]);
    const changes = all('AWS::IAM::Policy')
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith('cloudfront-keyvaluestore:')));
    expect(changes).toHaveLength(2);
    for (const { Action, Resource } of changes) {
      expect(Action).toEqual(
        ['DescribeKeyValueStore', 'PutKey', 'DeleteKey'].map((each) => `cloudfront-keyvaluestore:${each}`),
      );
      expect(Resource).toEqual({ 'Fn::GetAtt': [expect.stringContaining('Keys'), 'Arn'] });
    }
  });

  test('says the tracking URI, in the place of the gateway', () => {
    expect(all('AWS::SSM::Parameter', gateway)).toEqual([]);
    expect(JSON.stringify(all('AWS::SSM::Parameter'))).toMatch(/\/millrace\/edge\/urls.*https:\/\/.*DomainName/);
  });

  test('costs nothing while nobody uses it but its dead letters’ alarm', () => {
    expect(idleCost([template])).toMatchObject({ items: [{ what: 'alarms', count: 1 }] });
  });
});

describe('the option edge of a stage', () => {
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/abc-1';
  const edge = (value: object) => () => parseStage('prod', { prod: { edge: value } });

  test('takes nothing, or a name with its certificate', () => {
    expect(edge({})().edge).toEqual({});
    expect(edge({ domainName: 'ml.example.org', certificateArn })().edge?.domainName).toBe('ml.example.org');
  });

  test.each([
    [{ domainName: 'ml.example.org' }, 'come together'],
    [{ certificateArn }, 'come together'],
    [{ domainName: 'https://ml.example.org', certificateArn }, 'a host name'],
    [{ domainName: 'ml.example.org', certificateArn: certificateArn.replace('us-east-1', 'eu-west-1') }, 'us-east-1'],
    [{ name: 'x' }, 'name'],
  ])('refuses %j', (value, said) => expect(edge(value)).toThrow(said));
});
