import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pathsBelow } from '../../bin/check/repository-files.ts';
import type { Endpoint } from '../../lambdas/shared/endpoint.ts';
import { ROLES, type Route } from '../../lambdas/shared/route.ts';
import { synthesizedApp } from './synthesized-app.ts';

const ROOT = join(import.meta.dirname, '../..');
const foldersIn = (path: string) =>
  readdirSync(join(ROOT, path), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const DOMAINS = foldersIn('lambdas').filter((name) => name !== 'shared');
const load = async (path: string) => (await import(join(ROOT, path))) as Record<string, unknown>;

const routesOf = async (domain: string) =>
  Object.entries(await load(`lambdas/${domain}/contract.ts`))
    .filter(([name]) => name.endsWith('Routes'))
    .flatMap(([, table]) => Object.entries(table as Record<string, Route>));

describe.each(DOMAINS.map((domain) => ({ domain })))('the domain $domain', ({ domain }) => {
  test('has a contract, and below it adapters and handlers only', () => {
    expect(readdirSync(join(ROOT, 'lambdas', domain))).toContain('contract.ts');
    expect(foldersIn(`lambdas/${domain}`).filter((name) => name !== 'aws' && name !== 'handlers')).toEqual([]);
    expect(foldersIn(`lib/${domain}`)).toEqual([]);
  });

  test('serves every route of its contract below its own path, each with one mounted endpoint and some roles', async () => {
    const files = pathsBelow(`lambdas/${domain}/handlers`);
    const mounting = readFileSync(join(ROOT, `lambdas/${domain}/handlers/api.ts`), 'utf8');
    const endpoints: { name: string; route: Route }[] = [];
    for (const path of files.filter((each) => !each.endsWith('/api.ts')))
      for (const [name, value] of Object.entries(await load(path)))
        if (name.endsWith('Endpoint')) endpoints.push({ name, route: (value as Endpoint).route });

    const routes = await routesOf(domain);
    expect(routes.length).toBeGreaterThan(0);
    for (const [key, route] of routes) {
      const [own, ...others] = endpoints.filter((endpoint) => endpoint.route === route);
      expect([key, own?.name, others]).toEqual([key, expect.any(String), []]);
      expect(mounting).toContain(own?.name);
      expect(route.path.startsWith(`/${domain}/`)).toBe(true);
      expect(route.roles.length).toBeGreaterThan(0);
      for (const role of route.roles) expect(ROLES).toContain(role);
    }
    expect(endpoints).toHaveLength(routes.length);
  });
});

describe('every route', () => {
  test('has a method and a shape of path of its own', async () => {
    const seen: string[] = [];
    for (const domain of DOMAINS)
      for (const [, { method, path }] of await routesOf(domain))
        seen.push(`${method} ${path.replace(/\{\w+\+?\}/g, '{}')}`);
    expect(seen.filter((each, i) => seen.indexOf(each) !== i)).toEqual([]);
  });

  test('of the control API is closed to apps, but for sending records: they have the inference API', async () => {
    const open: string[] = [];
    for (const domain of DOMAINS)
      for (const [key, { roles }] of await routesOf(domain)) if (roles.includes('app')) open.push(`${domain} ${key}`);
    expect(open).toEqual(['data sendRecords']);
  });
});

/** Made only where a stage asks for them: test/data/aws-jobs.stack.test.ts and test/edge/edge.stack.test.ts have their functions. */
const OPT_IN = ['data/jobs', 'gateway/publish-tokens', 'gateway/publish-all-tokens'];

describe('every handler that a function is made of', () => {
  // Prod has what every stage has; the local stage has a stream besides.
  const named = ['prod', 'local']
    .flatMap((stage) => Object.values(synthesizedApp(stage)))
    .flatMap(({ Resources }) => Object.values(Resources))
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => String(Properties?.['FunctionName']).replace(/^millrace-(prod|local)-/, ''))
    .map((name) => (name.startsWith('endpoint-') ? 'serving/predict' : name.replace('-', '/')))
    .map((name) => (name.startsWith('data/collect-') ? 'data/collect-records' : name));

  test('has a file, and every file with a handler has a function', () => {
    const files = pathsBelow('lambdas')
      .filter((path) => /^lambdas\/[^/]+\/handlers\//.test(path))
      .filter((path) =>
        /export const handler\b|export \{ handler|export const \{ handler/.test(readFileSync(join(ROOT, path), 'utf8')),
      )
      .map((path) => path.replace(/^lambdas\/(\w+)\/handlers\/(.+)\.ts$/, '$1/$2'));
    expect([...new Set([...named, ...OPT_IN])].sort()).toEqual(files.sort());
  });
});
