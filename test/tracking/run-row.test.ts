import { expect, test } from '@jest/globals';
import type { Run } from '../../lambdas/tracking/run.ts';
import { runRowOf } from '../../lambdas/tracking/run-row.ts';

const run: Run = {
  ...{ runId: 'r1', experimentId: '1', name: 'calm-hen-1', userId: 'ann', status: 'FINISHED', startTime: 1000 },
  ...{ artifactUri: 'mlflow-artifacts:/1/r1/artifacts', stage: 'deleted', era: 2, modelInputs: [], modelOutputs: [] },
  params: { lr: '0.1' },
  tags: { team: 'rain' },
  datasets: [
    { name: 'wx', digest: 'd1', tags: [{ key: 'mlflow.data.context', value: 'train' }] },
    { name: 'ice', digest: 'd2', tags: [] },
  ],
};

test('a row has what a search can ask of a run', () => {
  expect(runRowOf(run, [{ key: 'acc', value: NaN }])).toEqual({
    ...{ runId: 'r1', name: 'calm-hen-1', userId: 'ann', status: 'FINISHED', startTime: 1000, endTime: undefined },
    ...{ artifactUri: 'mlflow-artifacts:/1/r1/artifacts', stage: 'deleted', era: 2 },
    params: { lr: '0.1' },
    tags: { team: 'rain' },
    metrics: { acc: NaN },
    datasets: [
      { name: 'wx', digest: 'd1', context: 'train' },
      { name: 'ice', digest: 'd2' },
    ],
  });
});

test('a time that no double holds is the nearest one', () => {
  expect(runRowOf({ ...run, endTime: 9_007_199_254_740_993n }, []).endTime).toBe(9_007_199_254_740_992);
});
