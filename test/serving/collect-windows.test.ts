import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { logBatch } from '../../lambdas/serving/aws/log-batch.ts';
import { type CollectDeps, collectWindows } from '../../lambdas/serving/collect-windows.ts';
import { collectWindowsConsumer } from '../../lambdas/serving/handlers/collect-windows.ts';
import type { Metric } from '../../lambdas/serving/ports.ts';
import { bundleRefusedLine, requestLines } from '../../lambdas/serving/request-line.ts';
import { readWindows, windowStart } from '../../lambdas/serving/window-store.ts';
import { ConditionUnmet } from '../../lambdas/shared/table.ts';
import { faulty, seededRandom, untilAnswered } from '../fakes/faulty.ts';
import { type MemoryTable, memoryTable } from '../fakes/memory-table.ts';

const AT = Date.parse('2026-03-01T12:00:03.000Z');
const where = (functionVersion: string) => ({ workspace: 'default', endpoint: 'rain', functionVersion });

/** One request's line, as the endpoint writes it. */
function aLine({ version = '1', at = AT, status = 200, rows = 1, ms = 2 } = {}): string {
  const counts = { features: { wind: [3, rows] }, outputs: [5, rows], answers: { p2: rows } };
  return requestLines(where(version))({ kind: 'infer', at, started: 0, rows, nan: 0, counts }, status, ms);
}

function aCollector(windows: CollectDeps['windows'] = memoryTable()) {
  const metrics: Metric[] = [];
  const deps: CollectDeps = {
    windows,
    publish: async (more) => void metrics.push(...more),
    clock: () => new Date(AT),
    part: { current: 0 },
  };
  return { deps, metrics };
}

const all = (windows: CollectDeps['windows'], version = '1') =>
  readWindows(windows, 'default', 'rain', version, '2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z');

describe('collecting windows', () => {
  test('adds up what an endpoint’s versions did, version by version', async () => {
    const windows = memoryTable();
    const { deps } = aCollector(windows);
    await collectWindows(deps, {
      id: 'a',
      lines: [aLine({ rows: 3 }), aLine({ version: '2' }), aLine({ status: 503 })],
    });
    await collectWindows(deps, { id: 'b', lines: [aLine({ at: AT + 60_000 })] });
    expect(await all(windows)).toMatchObject({
      requests: 3,
      rows: 4,
      errors5xx: 1,
      features: { wind: [0, 0, 0, 5] },
      outputs: [0, 0, 0, 0, 0, 5],
      answers: { p2: 5 },
    });
    expect(await all(windows, '2')).toMatchObject({ requests: 1, rows: 1 });
  });

  test('reads only the windows between two moments, both included', async () => {
    const windows = memoryTable();
    const { deps } = aCollector(windows);
    for (const seconds of [0, 10, 20, 30]) {
      await collectWindows(deps, { id: String(seconds), lines: [aLine({ at: AT + seconds * 1000 })] });
    }
    const from = new Date(AT + 9_000).toISOString();
    const to = new Date(AT + 20_000).toISOString();
    expect((await readWindows(windows, 'default', 'rain', '1', from, to)).requests).toBe(2);
    expect(windowStart(AT)).toBe('2026-03-01T12:00:00Z');
  });

  test('counts a delivery once that comes twice, and tells its metrics again', async () => {
    const windows = memoryTable();
    const { deps, metrics } = aCollector(windows);
    const batch = { id: 'same', lines: [aLine(), aLine({ status: 500 })] };
    await collectWindows(deps, batch);
    await collectWindows(deps, batch);
    expect(await all(windows)).toMatchObject({ requests: 2, errors5xx: 1 });
    expect(metrics.filter(({ name }) => name === 'rain-errors').map(({ value }) => value)).toEqual([1, 1]);
  });

  test('passes over lines that are not predictions', async () => {
    const windows = memoryTable();
    const { deps, metrics } = aCollector(windows);
    const golden = requestLines(where('1'))({ kind: 'golden', at: AT, started: 0, rows: 9, nan: 0 }, 200, 1);
    const lines = ['START RequestId: 1', '{"level":"info"', '{"level":"info","message":"batch"}', golden, 'END'];
    await collectWindows(deps, { id: 'x', lines });
    expect(windows.items()).toEqual([]);
    expect(metrics).toEqual([]);
  });

  test('publishes requests, errors and latency for each endpoint, and refused bundles', async () => {
    const { deps, metrics } = aCollector();
    const refused = bundleRefusedLine(where('1'), new Error('model.onnx is another'));
    await collectWindows(deps, { id: 'x', lines: [aLine({ ms: 8 }), refused] });
    expect(metrics).toEqual([
      { name: 'rain-requests', value: 1, unit: 'Count' },
      { name: 'rain-errors', value: 0, unit: 'Count' },
      { name: 'rain-latency-p99', value: expect.closeTo(8, 0), unit: 'Milliseconds' },
      { name: 'rain-bundle-refused', value: 1, unit: 'Count' },
    ]);
  });

  test('loses and doubles nothing with many collectors at one window whose calls fail', async () => {
    const windows: MemoryTable = memoryTable();
    const random = seededRandom(7);
    const turn = () => new Promise((resolve) => setTimeout(resolve, random() * 3));
    const faultOf = (method: string) => {
      const drawn = random();
      return method === 'transact' && drawn < 0.2 ? (drawn < 0.1 ? 'before' : 'after') : undefined;
    };
    await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const { deps } = aCollector(faulty(windows, faultOf, turn));
        const batch = { id: `batch-${i}`, lines: [aLine(), aLine({ rows: 2 })] };
        await untilAnswered(() => collectWindows(deps, batch));
      }),
    );
    expect(await all(windows)).toMatchObject({ requests: 60, rows: 90, features: { wind: [0, 0, 0, 90] } });
  });

  test('gives up where the table never takes it, so that the delivery comes again', async () => {
    const windows = memoryTable();
    windows.transact = async () => {
      throw new ConditionUnmet([1]);
    };
    const { deps } = aCollector(windows);
    const slow = collectWindows(deps, { id: 'x', lines: [aLine()] });
    await expect(slow).rejects.toThrow(ConditionUnmet);
  }, 60_000);
});

describe('a delivery of a log subscription', () => {
  const delivery = (content: object) => ({
    awslogs: { data: gzipSync(JSON.stringify(content)).toString('base64') },
  });
  const data = (message: string) => delivery({ messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', message }] });

  test('has an id of its content', () => {
    const [first] = logBatch(data('a'));
    expect(first?.id).toBe(logBatch(data('a'))[0]?.id);
    expect(first?.id).not.toBe(logBatch(data('b'))[0]?.id);
    expect(first?.message.lines).toEqual(['a']);
  });

  test('is nothing where it only asks whether somebody is there', () => {
    expect(logBatch(delivery({ messageType: 'CONTROL_MESSAGE', logEvents: [{ id: '1', message: 'x' }] }))).toEqual([]);
  });

  test('goes through the consumer into the windows', async () => {
    const windows = memoryTable();
    await collectWindowsConsumer.with(aCollector(windows).deps).handle(data(aLine()));
    expect((await all(windows)).requests).toBe(1);
  });
});
