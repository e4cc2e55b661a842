import type { Server } from './load.ts';

/** A server with an experiment of many runs, and a run with a long history, both filled alike. */
export interface Ground extends Server {
  experiment: string;
  /** The run whose metric `loss` has 10,000 points. */
  historyRun: string;
}

export const API = '/api/2.0/mlflow';
export const POINTS = 10_000;
/** What the i-th run holds: fill_stock.py writes the same. */
export const filledRun = (i: number) => ({
  start_time: 1_700_000_000_000 + i,
  run_name: `run-${i}`,
  tags: [{ key: 'team', value: `t${i % 5}` }],
  metrics: [0, 1, 2].map((k) => ({
    key: `m${k}`,
    value: ((i * 7919 + k * 31) % 10007) / 10007,
    timestamp: 1000 + i,
    step: 0,
  })),
  params: [0, 1, 2].map((k) => ({ key: `p${k}`, value: String((i + k) % 10) })),
});
