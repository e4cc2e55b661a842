import { type Registration, registerModelVersion } from '../../lambdas/registry/register-version.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { Table } from '../../lambdas/shared/table.ts';

/** A registration of model `rain`; what is said of `token` alone makes it another bundle as well. */
export function aRegistration({ token = 'first', ...rest }: Partial<Registration> = {}): Registration {
  return {
    workspace: 'default',
    model: 'rain',
    bundle: digestOf(token),
    run: `run:default/${token}`,
    dataset: `dataset-version:default/weather/${digestOf('weather')}`,
    spec: `spec:default/${digestOf('spec')}`,
    metrics: { brier: { value: 0.19, low: 0.17, high: 0.21 } },
    gate: { passed: true, checks: [{ name: 'brier-below-base-rate', passed: true }] },
    token,
    actor: 'train-model',
    at: '2026-01-05T08:00:00.000Z',
    ...rest,
  };
}

/** A table in which `rain` has this many versions. */
export async function registered<T extends Table>(table: T, versions = 1): Promise<T> {
  for (let version = 1; version <= versions; version++) {
    await registerModelVersion(table, aRegistration({ token: `token-${version}` }));
  }
  return table;
}
