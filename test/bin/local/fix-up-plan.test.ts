import { describe, expect, test } from '@jest/globals';
import type { TemplateResource } from '../../../bin/local/assembly.ts';
import { planFixUp } from '../../../bin/local/fix-up-plan.ts';

const plan = (resources: Record<string, TemplateResource>) =>
  planFixUp({ stackName: 'millrace-local-serving', resources });

describe('the fix-up of a template', () => {
  test('is nothing where the emulator leaves nothing out', () => {
    expect(
      plan({
        Table: { Type: 'AWS::DynamoDB::Table', Properties: { BillingMode: 'PAY_PER_REQUEST' } },
        Function: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 512 } },
        Role: { Type: 'AWS::IAM::Role' },
      }),
    ).toEqual([]);
  });

  test('enables the time to live of a table', () => {
    const TimeToLiveSpecification = { AttributeName: 'expires', Enabled: true };
    expect(plan({ Windows: { Type: 'AWS::DynamoDB::Table', Properties: { TimeToLiveSpecification } } })).toEqual([
      { fix: 'timeToLive', table: 'Windows', attribute: 'expires' },
    ]);
  });

  test('leaves a time to live alone that the template switches off', () => {
    const TimeToLiveSpecification = { AttributeName: 'expires', Enabled: false };
    expect(plan({ Windows: { Type: 'AWS::DynamoDB::Table', Properties: { TimeToLiveSpecification } } })).toEqual([]);
  });

  test('reserves concurrency, of which zero means that the function is stopped', () => {
    const functionWith = (ReservedConcurrentExecutions: number): TemplateResource => ({
      Type: 'AWS::Lambda::Function',
      Properties: { ReservedConcurrentExecutions },
    });
    expect(plan({ Train: functionWith(2), Stopped: functionWith(0) })).toEqual([
      { fix: 'reservedConcurrency', function: 'Train', executions: 2 },
      { fix: 'reservedConcurrency', function: 'Stopped', executions: 0 },
    ]);
  });

  test('refuses a value that only CloudFormation could work out', () => {
    const ReservedConcurrentExecutions = { 'Fn::If': ['IsAws', 10, 2] };
    expect(() =>
      plan({ Train: { Type: 'AWS::Lambda::Function', Properties: { ReservedConcurrentExecutions } } }),
    ).toThrow('millrace-local-serving.Train.ReservedConcurrentExecutions: got {"Fn::If":["IsAws",10,2]}');
  });

  test('lets plain http through to a bucket whose policy might deny it', () => {
    const Properties = { Bucket: { Ref: 'Raw' }, PolicyDocument: {} };
    expect(plan({ RawPolicy: { Type: 'AWS::S3::BucketPolicy', Properties } })).toEqual([
      { fix: 'plainHttp', bucket: 'Raw' },
    ]);
  });

  test('gives the methods of a REST API their request validator', () => {
    const method = (HttpMethod: string, ResourceId: unknown, RequestValidatorId?: unknown): TemplateResource => ({
      Type: 'AWS::ApiGateway::Method',
      Properties: { HttpMethod, ResourceId, RestApiId: { Ref: 'Api' }, RequestValidatorId },
    });
    expect(
      plan({
        Body: {
          Type: 'AWS::ApiGateway::RequestValidator',
          Properties: { RestApiId: { Ref: 'Api' }, Name: 'body', ValidateRequestBody: true },
        },
        Post: method('POST', { Ref: 'Models' }, { Ref: 'Body' }),
        RootPut: method('PUT', { 'Fn::GetAtt': ['Api', 'RootResourceId'] }, { Ref: 'Body' }),
        Get: method('GET', { Ref: 'Models' }),
      }),
    ).toEqual([
      {
        fix: 'requestValidator',
        api: 'Api',
        name: 'body',
        body: true,
        parameters: false,
        methods: [
          { resource: 'Models', httpMethod: 'POST' },
          { resource: { root: 'Api' }, httpMethod: 'PUT' },
        ],
      },
    ]);
  });
});
