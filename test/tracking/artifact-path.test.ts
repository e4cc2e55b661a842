import { describe, expect, test } from '@jest/globals';
import {
  artifactPath,
  experimentLocation,
  folderPath,
  keyBelow,
  keyOfPath,
  rootOf,
} from '../../lambdas/tracking/artifact-path.ts';
import { artifactApi } from './artifact-api.ts';
import { corpus } from './artifact-corpus.ts';

const place = { workspace: 'team', bucket: 'zone' };

describe('a path of an artifact', () => {
  test.each(['model/MLmodel', 'a b.txt', '100%.txt', 'a+b', '...', '.hidden', 'a..b/c', 'grün/😀', '0/r/artifacts/x'])(
    'may be %s',
    (path) => expect(artifactPath(path)).toBe(path),
  );

  test.each([
    ...['', '/', '/a', 'a/', 'a//b', '..', '.', '../a', 'a/..', 'a/../b', './a', 'a/./b'],
    ...['a\\b', '..\\a', 'a\u0000', 'a\nb', 'a\u007fb', 'a\u0085b', '\ud800', 'a\ufffdb'],
    ...['%2e%2e/a', '%2E%2e', 'a%2fb', 'a%5Cb', '%00', '%252e', 'a%25'],
  ])('is refused when it is %j', (path) => {
    expect(() => artifactPath(path)).toThrow(expect.objectContaining({ name: 'ArtifactPathInvalid', kind: 'invalid' }));
  });

  test('of a folder may close with one slash, or be empty for the root', () => {
    expect([folderPath('a/b/'), folderPath('a'), folderPath(''), folderPath(undefined)]).toEqual(['a/b', 'a', '', '']);
    for (const path of ['/', '//', 'a//', '../']) expect(() => folderPath(path)).toThrow('Invalid path');
  });

  test('makes a key of at most 1,024 bytes', () => {
    const room = 1024 - 'team/mlflow/'.length;
    expect(keyOfPath('team', 'x'.repeat(room))).toHaveLength(1024);
    expect(() => keyOfPath('team', 'x'.repeat(room + 1))).toThrow('1025 bytes');
    expect(() => keyOfPath('team', 'ü'.repeat(room / 2 + 1))).toThrow('bytes with its workspace');
  });
});

describe('an artifact location', () => {
  test.each([
    ['mlflow-artifacts:/7/r/artifacts', 'team/mlflow/7/r/artifacts'],
    ['mlflow-artifacts:/7/models/m-1/artifacts/', 'team/mlflow/7/models/m-1/artifacts'],
    ['mlflow-artifacts:///7/r', 'team/mlflow/7/r'],
    ['mlflow-artifacts:/', 'team/mlflow'],
    ['s3://zone/team/mlflow/7/r/artifacts', 'team/mlflow/7/r/artifacts'],
  ])('%s is %s', (uri, key) => expect(rootOf(uri, place)).toBe(key));

  test.each([
    ...['s3://other/team/mlflow/7', 's3://zone/else/mlflow/7', 's3://zone/team/other/7', 's3://zone/team/mlflow'],
    ...['file:///etc/passwd', 'http://169.254.169.254/latest', 'mlflow-artifacts://evil/7/r', 'dbfs:/x', '', '/etc'],
  ])('%j is not one of this workspace', (uri) => {
    expect(() => rootOf(uri, place)).toThrow(expect.objectContaining({ name: 'ArtifactLocationForeign' }));
  });

  test.each([
    's3://zone/team/mlflow/../other/mlflow/7',
    'mlflow-artifacts:/../other',
    'mlflow-artifacts:/%2e%2e/other',
  ])('%s does not climb', (uri) =>
    expect(() => rootOf(uri, place)).toThrow(expect.objectContaining({ name: 'ArtifactPathInvalid' })),
  );

  test('of a new experiment is proxied or direct, and both mean the same place', () => {
    const proxied = experimentLocation('proxied', place, '7');
    const direct = experimentLocation('s3', place, '7');
    expect([proxied, direct]).toEqual(['mlflow-artifacts:/7', 's3://zone/team/mlflow/7']);
    expect(rootOf(proxied, place)).toBe(rootOf(direct, place));
    expect(keyBelow(rootOf(direct, place), 'a/b')).toBe('team/mlflow/7/a/b');
  });
});

test('no path of the corpus makes a call outside the workspace, by any route', async () => {
  const paths = corpus();
  expect(paths.length).toBeGreaterThan(5000);
  const uris = { r: 'mlflow-artifacts:/0/r/artifacts', m: 'mlflow-artifacts:/0/models/m/artifacts' };
  // Two zones, so that what is written does not make the listings of the other long.
  const [written, read] = [artifactApi(uris), artifactApi(uris)];
  const proxied = '/t/team/api/2.0/mlflow-artifacts';
  const run = '/t/team/api/2.0/mlflow';
  let accepted = 0;
  const refusedOddly: string[] = [];
  for (const [i, raw] of paths.entries()) {
    // As it stands in the path it is decoded by us; in a query it is decoded before, so that it is the value itself.
    const query = encodeURIComponent(raw);
    const others = [
      { method: 'GET', path: `${proxied}/artifacts?path=${query}` },
      { method: 'GET', path: `${run}/artifacts/list?run_id=r&path=${query}` },
      { method: 'GET', path: `/t/team/get-artifact?run_id=r&path=${query}` },
      { method: 'DELETE', path: `${proxied}/artifacts/${raw}` },
      { method: 'GET', path: `${proxied}/presigned/${raw}` },
      { method: 'POST', path: `${run}/upload-artifact?run_uuid=r&path=${query}`, body: 'x' },
      { method: 'POST', path: `${proxied}/mpu/create/0/${raw}`, body: { path: '/models/f', num_parts: 1 } },
      { method: 'POST', path: `${proxied}/mpu/create/0`, body: { path: raw, num_parts: 1 } },
      { method: 'GET', path: `${run}/logged-models/m/artifacts/files?artifact_file_path=${query}` },
    ];
    const put = { method: 'PUT', path: `${proxied}/artifacts/${raw}`, body: 'x' };
    const [first = put, second = put] = [others[i % others.length], others[(i + 4) % others.length]];
    for (const [api, request] of [[written, put] as const, [read, first] as const, [read, second] as const]) {
      const { status, json } = await api.send(request);
      if (status === 200) accepted++;
      else if (![400, 404].includes(status) || !json?.error_code) refusedOddly.push(`${request.path}: ${status}`);
    }
  }
  expect(refusedOddly).toEqual([]);
  expect(accepted).toBeGreaterThan(500);
  const touched = [...written.artifacts.touched, ...read.artifacts.touched];
  expect(touched.length).toBeGreaterThan(1000);
  expect(touched.filter((key) => !isInside(key))).toEqual([]);
}, 60_000);

const isInside = (key: string) =>
  /^team\/mlflow(\/|$)/.test(key) &&
  key.split('/').every((part) => part !== '' && part !== '.' && part !== '..') &&
  !/[\\\0]|%2e|%2f|%5c/i.test(key);
