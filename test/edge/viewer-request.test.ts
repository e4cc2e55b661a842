import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { keyOfPath } from '../../lambdas/tracking/artifact-path.ts';
import { corpus } from '../tracking/artifact-corpus.ts';
import { atTheEdge, BEHAVIOURS, LOGIN, tokenOf, type Who } from './behaviours.ts';

const FILE = join(import.meta.dirname, '../../lib/edge/viewer-request.js');
const OBJECT = '/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/model.bin';

describe('the edge', () => {
  test.each(BEHAVIOURS)('sends %s %s to the %s', async (method, uri, to) => {
    await expect(atTheEdge(uri, { method })).resolves.toMatchObject({ to });
  });

  test('has the bucket called with the key alone: no query, no cookie, no credential, no header of S3', async () => {
    const decision = await atTheEdge('/t/team/api/2.0/mlflow-artifacts/artifacts/0/a+b%20(1).txt', {
      method: 'PUT',
      query: { acl: { value: '' }, versionId: { value: 'x' } },
      cookies: { session: 'x' },
      headers: {
        'content-type': 'text/plain',
        'content-length': '3',
        range: 'bytes=0-1',
        'x-amz-copy-source': '/bucket/other/mlflow/secret',
        'x-amz-acl': 'public-read',
        'x-forwarded-host': 'evil.example.org',
        cookie: 'x',
      },
    });
    expect(decision).toEqual({
      to: 'bucket',
      request: {
        method: 'PUT',
        uri: '/team/mlflow/0/a%2Bb%20%281%29.txt',
        querystring: {},
        cookies: {},
        headers: {
          host: { value: 'ml.example.org' },
          'content-type': { value: 'text/plain' },
          'content-length': { value: '3' },
          range: { value: 'bytes=0-1' },
        },
      },
    });
  });

  test('tells the API which host the caller knows, whatever the caller says of it', async () => {
    const decision = await atTheEdge('/graphql', {
      method: 'POST',
      headers: { 'x-forwarded-host': 'evil.example.org' },
    });
    expect(decision).toMatchObject({
      to: 'api',
      request: {
        uri: '/graphql',
        headers: { 'x-forwarded-host': { value: 'ml.example.org' }, authorization: { value: expect.any(String) } },
      },
    });
  });

  test.each<[Who, string, string, number, string]>([
    ['auditor', 'PUT', OBJECT, 403, 'RoleMissing'],
    ['app', 'GET', OBJECT, 403, 'RoleMissing'],
    ['expired', 'GET', OBJECT, 401, 'TokenExpired'],
    ['scientist', 'GET', `/t/other${OBJECT}`, 403, 'WorkspaceDenied'],
  ])('refuses the token of %s for %s %s with %d %s in MLflow’s body', async (who, method, uri, status, name) => {
    const decision = await atTheEdge(uri, { method, who });
    if (decision.to !== 'viewer') throw new Error(`got ${decision.to}`);
    expect(decision.answer.statusCode).toBe(status);
    expect(JSON.parse(decision.answer.body.data)).toEqual({
      error_code: status === 401 ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED',
      name,
      message: expect.any(String),
    });
    expect(decision.answer.headers).toMatchObject({
      'content-type': { value: 'application/json' },
      'x-content-type-options': { value: 'nosniff' },
    });
  });

  test('lets auditors read', async () => {
    await expect(atTheEdge(OBJECT, { who: 'auditor' })).resolves.toMatchObject({ to: 'bucket' });
  });

  test.each<Who>(['unknown', 'revoked', 'nobody'])(
    'leaves %s to the API, which knows every token at once',
    async (who) => {
      for (const asked of [{}, { method: 'PUT', headers: { 'content-length': '4500000' } }]) {
        await expect(atTheEdge(OBJECT, { who, ...asked })).resolves.toMatchObject({ to: 'api' });
      }
      for (const headers of [{ 'content-length': '4500001' }, {}] as Record<string, string>[]) {
        await expect(atTheEdge(OBJECT, { who, method: 'PUT', headers })).resolves.toMatchObject({
          to: 'viewer',
          answer: { statusCode: 401 },
        });
      }
    },
  );

  test('takes Basic with the token as password, or as user', async () => {
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    for (const text of [`me:${tokenOf('scientist')}`, `${tokenOf('scientist')}:`, tokenOf('scientist')])
      await expect(atTheEdge(OBJECT, { headers: basic(text) })).resolves.toMatchObject({ to: 'bucket' });
    await expect(atTheEdge(OBJECT, { headers: basic(`me:wrong`) })).resolves.toMatchObject({ to: 'api' });
    const wrong = tokenOf('scientist').replace(/x$/, 'y');
    await expect(atTheEdge(OBJECT, { headers: { authorization: `Bearer ${wrong}` } })).resolves.toMatchObject({
      to: 'api',
    });
  });

  test('takes a login for reading, as long as it lasts, and no other cookie', async () => {
    const by = (session: string, method = 'GET') =>
      atTheEdge(OBJECT, {
        who: 'nobody',
        method,
        cookies: { '__Host-millrace': session },
        headers: { 'content-length': '1' },
      });
    await expect(by(`mls_${LOGIN}`)).resolves.toMatchObject({ to: 'bucket' });
    await expect(by(`mls_${LOGIN}`, 'PUT')).resolves.toMatchObject({ to: 'api' });
    await expect(by(`mls_${'over'.padEnd(43, '-')}`)).resolves.toMatchObject({ to: 'api' });
    await expect(by(`mls_${'z'.repeat(43)}`)).resolves.toMatchObject({ to: 'api' });
  });

  test('leaves what a page sends with a token to the API, which knows its own pages', async () => {
    const headers = { origin: 'https://evil.example.org', 'content-length': '1' };
    await expect(atTheEdge(OBJECT, { method: 'PUT', headers })).resolves.toMatchObject({ to: 'api' });
  });

  test.each(['GET', 'PUT', 'DELETE', 'POST'])(
    'refuses a path that climbs by %s, so that nobody behind it puts it right',
    async (method) => {
      for (const path of ['0/../1/x', '0/%2e%2e/x', '0/./x', '0/..%5cx'])
        expect(await atTheEdge(`/api/2.0/mlflow-artifacts/artifacts/${path}`, { method })).toMatchObject({
          to: 'viewer',
          answer: { statusCode: 400 },
        });
    },
  );

  test('passes the deletion of a folder on to the API, with its closing slash or without', async () => {
    for (const path of ['0/run/artifacts', '0/run/artifacts/'])
      expect(await atTheEdge(`/api/2.0/mlflow-artifacts/artifacts/${path}`, { method: 'DELETE' })).toMatchObject({
        to: 'api',
      });
    const read = await atTheEdge('/api/2.0/mlflow-artifacts/artifacts/0/run/', { method: 'GET' });
    expect(read).toMatchObject({ to: 'viewer', answer: { statusCode: 400 } });
  });

  test('reads every path of the corpus as the API does, or refuses it', async () => {
    let taken = 0;
    const odd: string[] = [];
    for (const raw of corpus()) {
      const decision = await atTheEdge(`/t/team/api/2.0/mlflow-artifacts/artifacts/${raw}`, { method: 'PUT' });
      const key = keyAtTheApi(raw);
      if (decision.to === 'bucket') {
        taken++;
        const uri = decision.request.uri;
        if (!uri.startsWith('/team/mlflow/') || decodeURIComponent(uri.slice(1)) !== key || /[^\w\-.~%/]/.test(uri))
          odd.push(raw);
      } else if (key !== undefined || (decision.to === 'viewer' && decision.answer.statusCode !== 400)) odd.push(raw);
    }
    expect(odd).toEqual([]);
    expect(taken).toBeGreaterThan(200);
  });
});

function keyAtTheApi(raw: string): string | undefined {
  try {
    return keyOfPath('team', decodeURIComponent(raw));
  } catch {
    return undefined;
  }
}

describe('the file of the edge', () => {
  const text = readFileSync(FILE, 'utf8');

  test('is one that CloudFront takes: at most 10 KB', () => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10 * 1024);
  });

  test('is written in what runtime 2.0 knows', () => {
    const { SyntaxKind: Kind } = ts;
    const unknown = new Set([
      ...[Kind.SpreadElement, Kind.SpreadAssignment, Kind.ObjectBindingPattern, Kind.ArrayBindingPattern],
      ...[Kind.ShorthandPropertyAssignment, Kind.ForOfStatement, Kind.ClassDeclaration, Kind.ClassExpression],
      ...[Kind.QuestionDotToken, Kind.QuestionQuestionToken, Kind.YieldExpression, Kind.ExportDeclaration],
      ...[Kind.MethodDeclaration, Kind.ComputedPropertyName, Kind.TaggedTemplateExpression, Kind.ExportAssignment],
    ]);
    const found: string[] = [];
    const source = ts.createSourceFile(FILE, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
    const visit = (node: ts.Node): void => {
      if (unknown.has(node.kind)) found.push(node.getText());
      // njs does not wait inside the arguments of a call.
      if (ts.isAwaitExpression(node) && ts.isCallExpression(node.parent)) found.push(node.parent.getText());
      if ((ts.isParameter(node) && node.initializer) || (ts.isCatchClause(node) && !node.variableDeclaration))
        found.push(node.getText());
      if (ts.isCallExpression(node) && node.arguments.hasTrailingComma) found.push(node.getText());
      ts.forEachChild(node, visit);
    };
    visit(source);
    expect(found).toEqual([]);
    expect(text).not.toMatch(/\b(includes|isWellFormed|replaceAll|Object\.(entries|values|fromEntries))\(/);
  });
});
