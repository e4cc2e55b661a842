import type { RunRow } from '../../lambdas/tracking/run-row.ts';

export const aRunRow = (given: Partial<RunRow> = {}): RunRow => ({
  runId: 'r1',
  name: 'calm-hen-1',
  userId: 'ann',
  status: 'RUNNING',
  startTime: 1000,
  artifactUri: `mlflow-artifacts:/1/${given.runId ?? 'r1'}/artifacts`,
  stage: 'active',
  era: 0,
  params: {},
  tags: {},
  metrics: {},
  datasets: [],
  ...given,
});
