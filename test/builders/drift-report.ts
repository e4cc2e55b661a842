import type { ColumnDrift, DriftReport } from '../../lambdas/monitoring/contract.ts';

const aColumn = (given: Partial<ColumnDrift> = {}): ColumnDrift => ({
  name: 'wind',
  psi: 0.91,
  ks: 0.41,
  w1: 1.2,
  js: 0.1,
  bins: { edges: [2, 4], baseline: [10, 20, 10], window: [100, 165, 100] },
  missing: { baseline: 0, window: 0 },
  ...given,
});

export const aDriftReport = (given: Partial<DriftReport> = {}): DriftReport => ({
  id: 'rain/check-1',
  check: 'check-1',
  endpoint: 'rain',
  model: 'rain',
  modelVersion: 1,
  bundle: `sha256:${'b'.repeat(64)}`,
  functionVersion: '1',
  at: '2026-11-21T03:59:00.000Z',
  from: '2026-11-21T03:40:00.000Z',
  rows: 365,
  threshold: 0.2,
  maxPsi: 0.91,
  worst: 'wind',
  columns: [aColumn(), aColumn({ name: 'temp_max', psi: 0.3 })],
  output: aColumn({ name: 'rain_tomorrow', psi: 0.05 }),
  ...given,
});
