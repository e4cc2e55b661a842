import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Route } from '../../lambdas/shared/route.ts';
import { mountedAt } from '../../lambdas/tracking/mlflow-route.ts';
import { trackingRoutes } from '../../lambdas/tracking/tracking-api.ts';

const LAMBDAS = join(import.meta.dirname, '../../lambdas');

export interface KnownRoute {
  method: string;
  /** With every name in braces filled in. */
  path: string;
  isPublic: boolean;
}

const filled = (path: string) => path.replace(/\{\w+\+\}/g, 'a/b.js').replace(/\{\w+\}/g, 'x');

/** Every route of the control API: those of the domains' contracts, and those of the tracking API by its own table. */
export async function everyRoute(): Promise<KnownRoute[]> {
  const domains = readdirSync(LAMBDAS).filter((name) => name !== 'shared');
  const routes: KnownRoute[] = [];
  for (const domain of domains) {
    const contract = (await import(join(LAMBDAS, domain, 'contract.ts'))) as Record<string, object>;
    for (const [name, table] of Object.entries(contract))
      if (name.endsWith('Routes'))
        for (const { method, path } of Object.values(table) as Route[])
          routes.push({ method, path: filled(path), isPublic: false });
  }
  // Its routes are known without what they work with, which nothing here asks for.
  const tracking = trackingRoutes(() => {
    throw new Error('only the list of routes is wanted');
  });
  for (const { route } of tracking)
    for (const path of mountedAt(route))
      routes.push({
        method: route.method,
        path: filled(`/tracking${path}`),
        isPublic: route.access === 'public',
      });
  return routes;
}
