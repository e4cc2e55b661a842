import { API, type Ground } from './ground.ts';
import type { Call } from './load.ts';

/** What is measured: the calls that one client sends in one repeat. */
export interface Verb {
  name: string;
  /** Calls of one client in one repeat: enough that a repeat takes tens of milliseconds at least. */
  calls: number;
  /** `run` is the client's own; `nth` never comes again. */
  call(ground: Ground, run: string, nth: number): Call;
}

const post = (path: string, body: object): Call => ({ method: 'POST', path: `${API}${path}`, body });
const get = (path: string): Call => ({ method: 'GET', path: `${API}${path}` });

export const VERBS: readonly Verb[] = [
  {
    name: 'create-run',
    calls: 20,
    call: (_, _run, nth) =>
      post('/runs/create', {
        // An experiment of its own, so that the one that is searched keeps its size.
        experiment_id: '0',
        start_time: 1_700_000_000_000 + nth,
        run_name: `bench ${nth}`,
        tags: [{ key: 'mlflow.user', value: 'bench' }],
      }),
  },
  {
    name: 'log-metric',
    calls: 20,
    call: (_, run, nth) =>
      post('/runs/log-metric', { run_id: run, key: 'm', value: nth / 3, timestamp: nth, step: nth }),
  },
  {
    name: 'log-batch-100',
    calls: 10,
    call: (_, run, nth) =>
      post('/runs/log-batch', {
        run_id: run,
        metrics: Array.from({ length: 100 }, (_each, i) => ({
          key: `b${i % 20}`,
          value: nth + i / 100,
          timestamp: nth,
          step: nth * 5 + Math.floor(i / 20),
        })),
      }),
  },
  { name: 'get-run', calls: 20, call: ({ historyRun }) => get(`/runs/get?run_id=${historyRun}`) },
  {
    name: 'search-10k-page',
    calls: 2,
    call: ({ experiment }) => post('/runs/search', { experiment_ids: [experiment], max_results: 100 }),
  },
  {
    name: 'search-10k-filter-order',
    calls: 1,
    call: ({ experiment }) =>
      post('/runs/search', {
        experiment_ids: [experiment],
        filter: "metrics.m0 > 0.5 AND params.p1 = '3'",
        order_by: ['metrics.m1 DESC'],
        max_results: 100,
      }),
  },
  {
    name: 'history-10k',
    calls: 1,
    call: ({ historyRun }) => get(`/metrics/get-history?run_id=${historyRun}&metric_key=loss&max_results=25000`),
  },
];
