import { describe, expect, test } from '@jest/globals';
import { ANNAS_SECRET, BENS_SECRET } from '../builders/studio-secrets.ts';
import { allows, aStudioTemplate, rightsOf, signingStage } from '../builders/studio-template.ts';

const tokens = aStudioTemplate();
const signatures = aStudioTemplate(signingStage);
const ACCOUNT = 'eu-central-1:111122223333';
const api = (path: string) => `arn:aws:execute-api:${ACCOUNT}:api1/v1/${path}`;
const app = (name: string, account = ACCOUNT) => `arn:aws:sagemaker:${account}:app/d-1/${name}`;
const actionsOf = (template: typeof tokens, profile: string) =>
  [...new Set(rightsOf(template, profile).flatMap(({ Action }) => Action))].sort();

/** What Studio's pages need to show a person their notebook, and to start and stop it. */
const STUDIO = [
  ...['sagemaker:AddTags', 'sagemaker:CreateApp', 'sagemaker:CreatePresignedDomainUrl', 'sagemaker:DeleteApp'],
  ...['sagemaker:DescribeApp', 'sagemaker:DescribeDomain', 'sagemaker:DescribeSpace', 'sagemaker:DescribeUserProfile'],
  ...['sagemaker:ListApps', 'sagemaker:ListDomains', 'sagemaker:ListSpaces', 'sagemaker:ListUserProfiles'],
];
const ARTIFACTS = ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListBucket', 's3:PutObject'];

describe("a person's role", () => {
  test('has these actions and no other where the tracking API takes tokens', () => {
    for (const profile of ['anna', 'ben'])
      expect(actionsOf(tokens, profile)).toEqual([...ARTIFACTS, ...STUDIO, 'secretsmanager:GetSecretValue'].sort());
  });

  test('has these actions and no other where the tracking API takes signatures', () => {
    for (const profile of ['anna', 'ben'])
      expect(actionsOf(signatures, profile)).toEqual([...ARTIFACTS, ...STUDIO, 'execute-api:Invoke'].sort());
  });

  test('names every resource, but for what takes none', () => {
    const open = rightsOf(tokens, 'anna').filter(({ Resource }) => [Resource].flat().includes('*'));
    expect(open.flatMap(({ Action }) => Action)).toEqual(STUDIO.filter((action) => action.includes(':List')));
  });

  test('is for SageMaker alone to take on, and is named so that the tracking API knows it', () => {
    for (const profile of ['anna', 'ben'])
      signatures.hasResourceProperties('AWS::IAM::Role', {
        RoleName: `millrace-prod-studio-${profile}`,
        AssumeRolePolicyDocument: {
          Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' } }],
        },
      });
  });
});

describe('a token', () => {
  test("is read from the person's own secret and from no other", () => {
    const read = (profile: string, secret: string) =>
      allows(rightsOf(tokens, profile), 'secretsmanager:GetSecretValue', secret);
    expect([read('anna', ANNAS_SECRET), read('ben', BENS_SECRET)]).toEqual([true, true]);
    expect([read('anna', BENS_SECRET), read('ben', ANNAS_SECRET)]).toEqual([false, false]);
  });
});

describe('a signed call', () => {
  const calls = (profile: string, path: string) =>
    allows(rightsOf(signatures, profile), 'execute-api:Invoke', api(path));

  test.each([
    'POST/tracking/api/2.0/mlflow/runs/create',
    'GET/tracking/api/2.0/mlflow/runs/get',
    'PATCH/tracking/api/2.0/mlflow/model-versions/update',
    'DELETE/tracking/api/2.0/mlflow/registered-models/alias',
    'PUT/tracking/api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/model.onnx',
    'GET/tracking/api/3.0/mlflow/server-info',
    'GET/tracking/version',
  ])('may be %s, in the workspace of the person', (path) => {
    expect(calls('anna', path)).toBe(true);
    expect(calls('ben', path)).toBe(false);
    const below = path.replace('/tracking/', '/tracking/t/radar/');
    expect(calls('ben', below)).toBe(true);
    expect(calls('anna', below)).toBe(false);
  });

  test.each([
    'POST/gateway/tokens',
    'GET/data/datasets',
    'POST/registry/models/rain/champion',
    'POST/tracking/graphql',
    'GET/tracking/ajax-api/2.0/mlflow/experiments/search',
    'POST/tracking/version',
    'POST/tracking/workspaces',
  ])('may not be %s', (path) => {
    expect(calls('anna', path)).toBe(false);
    expect(calls('ben', path)).toBe(false);
  });

  test('is good for one API and one stage of it', () => {
    const rights = rightsOf(signatures, 'anna');
    for (const other of ['api2/v1', 'api1/v2'])
      expect(allows(rights, 'execute-api:Invoke', `arn:aws:execute-api:${ACCOUNT}:${other}/GET/tracking/version`)).toBe(
        false,
      );
  });
});

describe('artifacts', () => {
  const touches = (profile: string, action: string, key: string) =>
    allows(rightsOf(tokens, profile), action, `arn:aws:s3:::artifacts/${key}`);

  test.each(['s3:GetObject', 's3:PutObject'])('%s reaches those of the workspace and no others', (action) => {
    expect(touches('anna', action, 'default/mlflow/1/a/artifacts/model.onnx')).toBe(true);
    expect(touches('ben', action, 'radar/mlflow/1/a/artifacts/model.onnx')).toBe(true);
    expect(touches('ben', action, 'default/mlflow/1/a/artifacts/model.onnx')).toBe(false);
    expect(touches('anna', action, 'radar/mlflow/1/a/artifacts/model.onnx')).toBe(false);
    expect(touches('anna', action, 'default/mlflowers/1')).toBe(false);
    expect(touches('anna', action, 'default/results/1.csv')).toBe(false);
  });

  test('are listed below the workspace only', () => {
    const lists = (profile: string, context: Record<string, string>) =>
      allows(rightsOf(tokens, profile), 's3:ListBucket', 'arn:aws:s3:::artifacts', context);
    expect(lists('ben', { 's3:prefix': 'radar/mlflow/1/a/artifacts/' })).toBe(true);
    expect(lists('ben', { 's3:prefix': 'default/mlflow/1/' })).toBe(false);
    expect(lists('ben', { 's3:prefix': 'radar/' })).toBe(false);
    expect(lists('ben', {})).toBe(false);
  });

  test('are not deleted from here, nor is any other bucket in reach', () => {
    expect(touches('anna', 's3:DeleteObject', 'default/mlflow/1/a/artifacts/model.onnx')).toBe(false);
    const buckets = rightsOf(tokens, 'anna').flatMap(({ Action, Resource }) =>
      JSON.stringify(Action).includes('s3:') ? Resource : [],
    );
    expect(new Set(buckets.map((arn) => arn.split('/')[0]))).toEqual(new Set(['arn:aws:s3:::artifacts']));
  });
});

describe('a notebook', () => {
  const medium = { 'sagemaker:InstanceTypes': ['ml.t3.medium'] };
  const starts = (name: string, context: Record<string, string | string[]> = medium) =>
    allows(rightsOf(tokens, 'anna'), 'sagemaker:CreateApp', app(name), context);

  test('is started by its person, on the instance of the stage and on no larger one', () => {
    expect(starts('anna-notebook/JupyterLab/default')).toBe(true);
    expect(starts('anna-notebook/JupyterLab/default', { 'sagemaker:InstanceTypes': ['ml.p5.48xlarge'] })).toBe(false);
  });

  test.each([
    'ben-notebook/JupyterLab/default',
    'anna-notebook/CodeEditor/default',
    'anna/Canvas/default',
    'anna/JupyterServer/default',
    'anna-notebook/JupyterLab/second',
  ])('is the only app that a person starts: not %s', (name) => {
    expect(starts(name)).toBe(false);
  });

  test('is tagged as it is started and never after', () => {
    const tags = (taggedBy: string) =>
      allows(rightsOf(tokens, 'anna'), 'sagemaker:AddTags', app('anna-notebook/JupyterLab/default'), {
        'sagemaker:TaggingAction': taggedBy,
      });
    expect([tags('CreateApp'), tags('CreateSpace')]).toEqual([true, false]);
  });

  test("is opened with a link to one's own profile only", () => {
    const opens = (profile: string) =>
      allows(
        rightsOf(tokens, 'anna'),
        'sagemaker:CreatePresignedDomainUrl',
        `arn:aws:sagemaker:${ACCOUNT}:user-profile/d-1/${profile}`,
      );
    expect([opens('anna'), opens('ben')]).toEqual([true, false]);
  });
});
