import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mountedAt } from '../../lambdas/tracking/mlflow-route.ts';
import { trackingRoutes } from '../../lambdas/tracking/tracking-api.ts';
import { trackingServer } from '../builders/tracking-server.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/mlflow.md'), 'utf8');
const rows = [...page.matchAll(/^\| (GET|POST|PUT|PATCH|DELETE) \| `(\/[^`]*)` \| (\w+) \| (.*?) ?\|$/gm)].map(
  ([, method = '', path = '', state = '', remark = '']) => ({ method, path, state, remark }),
);

describe('the routes of docs/mlflow.md', () => {
  test('are each said once, and are supported, partly there, or absent', () => {
    expect(rows.length).toBeGreaterThan(180);
    const said = rows.map(({ method, path }) => `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`);
    expect(said.filter((each, i) => said.indexOf(each) !== i)).toEqual([]);
    for (const { path, state, remark } of rows) {
      expect([path, state]).toEqual([path, expect.stringMatching(/^(supported|partly|absent)$/)]);
      if (state === 'partly') expect([path, remark]).toEqual([path, expect.stringMatching(/\w/)]);
    }
  });

  test('are what the tracking API answers at, in both directions', () => {
    const mounted = trackingRoutes(() => ({}) as never).map(({ route }) => `${route.method} ${mountedAt(route)[0]}`);
    const there = rows.filter(({ state }) => state !== 'absent').map(({ method, path }) => `${method} ${path}`);
    expect(there.sort()).toEqual(mounted.sort());
  });

  test('that are absent answer a JSON 404 that clients understand', async () => {
    const { call } = trackingServer();
    for (const { method, path } of rows.filter(({ state }) => state === 'absent')) {
      const { status, body } = await call(method, path.replace(/\{[^}]*\}/g, 'x'));
      expect([method, path, status, body?.error_code]).toEqual([method, path, 404, 'ENDPOINT_NOT_FOUND']);
    }
  });
});
