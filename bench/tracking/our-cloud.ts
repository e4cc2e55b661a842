import type { TestCloudFacts } from '../../bin/test/test-cloud.ts';
import { testCloud } from '../../bin/test/test-cloud.ts';
import { API, filledRun, type Ground, POINTS } from './ground.ts';
import type { Server } from './load.ts';

export interface OurCloud extends Ground {
  /** The emulator. */
  endpoint: string;
  stop(): Promise<void>;
}

/** The log of changes lies in partitions of five minutes, and the emulator's Query costs by the size of one. */
const SETTLING_MS = 310_000;

/** Calls at one time while filling: more do not make the emulator faster. */
const FILLERS = 8;

/** The local cloud (the one at `AWS_ENDPOINT_URL` where that is set), filled through its API as the peer's database is. */
export async function startOurCloud(runs: number, say: (text: string) => void): Promise<OurCloud> {
  const cloud = testCloud(say);
  const up = await cloud.up();
  if ('failure' in up) throw new Error(up.failure);
  try {
    const facts = JSON.parse(up.env['MILLRACE_TEST_CLOUD'] as string) as TestCloudFacts;
    const server = { url: facts.tracking, headers: { authorization: `Bearer ${facts.token}` } };
    const name = `bench-${Date.now()}`;
    const { experiment_id: experiment } = await post<{ experiment_id: string }>(server, '/experiments/create', {
      name,
    });
    const historyRun = await newRun(server, experiment, { run_name: 'history', start_time: 0 });
    for (let first = 0; first < POINTS; first += 1000) {
      const metrics = Array.from({ length: 1000 }, (_, i) => ({
        key: 'loss',
        value: (first + i) / 7,
        timestamp: 1000 + first + i,
        step: first + i,
      }));
      await post(server, '/runs/log-batch', { run_id: historyRun, metrics });
    }
    let next = 0;
    const filler = async () => {
      for (let i = next++; i < runs; i = next++) {
        const { metrics, params, ...run } = filledRun(i);
        const id = await newRun(server, experiment, run);
        await post(server, '/runs/log-batch', { run_id: id, metrics, params });
        if (i % 2500 === 0) say(`filling the local cloud: run ${i} of ${runs}`);
      }
    };
    await Promise.all(Array.from({ length: FILLERS }, filler));
    say('waiting five minutes: what was just written is looked at again, and is in the partition that is asked');
    await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
    return { ...server, endpoint: facts.endpoint, experiment, historyRun, stop: () => cloud.down() };
  } catch (error) {
    await cloud.down();
    throw error;
  }
}

export async function newRun(server: Server, experiment: string, more: object = {}): Promise<string> {
  const body = { experiment_id: experiment, ...more };
  const { run } = await post<{ run: { info: { run_id: string } } }>(server, '/runs/create', body);
  return run.info.run_id;
}

async function post<T>({ url, headers }: Server, path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${url}${API}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
  return (await answer.json()) as T;
}
