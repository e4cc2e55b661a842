import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Mark,
  NO_ROWS,
  type ReadRows,
  type RowCounts,
  readUnjudged,
  SETTLE_WINDOWS,
  startAt,
} from '../../lambdas/monitoring/unjudged-rows.ts';

/** Windows that rows can be put into, one bin each. */
function someWindows() {
  const windows = new Map<number, number[]>();
  const read: ReadRows = async (from, to) => {
    const outputs = [0, 0, 0];
    for (const [window, bins] of windows) {
      if (window >= from && window < to) for (const bin of bins) outputs[bin] = (outputs[bin] ?? 0) + 1;
    }
    const rows = outputs.reduce((a, b) => a + b);
    return rows === 0 ? NO_ROWS : { rows, features: { wind: outputs }, outputs };
  };
  return { read, put: (window: number, bin: number) => windows.set(window, [...(windows.get(window) ?? []), bin]) };
}

const plain = ({ rows, outputs }: RowCounts) => ({ rows, outputs });

describe('rows that no check has judged', () => {
  test('are those since the last check, even within one window', async () => {
    const { read, put } = someWindows();
    for (let i = 0; i < 365; i++) put(100, 0);
    const first = await readUnjudged(read, startAt(90), 100);
    expect(plain(first.rows)).toEqual({ rows: 365, outputs: [365, 0, 0] });
    for (let i = 0; i < 365; i++) put(100, 2);
    const second = await readUnjudged(read, first.next, 100);
    expect(plain(second.rows)).toEqual({ rows: 365, outputs: [0, 0, 365] });
    expect(second.rows.features['wind']).toEqual([0, 0, 365]);
  });

  test('stay unjudged while their mark is not moved', async () => {
    const { read, put } = someWindows();
    put(5, 1);
    await readUnjudged(read, startAt(0), 5);
    put(900, 1);
    expect((await readUnjudged(read, startAt(0), 1000)).rows.rows).toBe(2);
  });

  test('count although their line arrived after the check that read their window', async () => {
    const { read, put } = someWindows();
    const first = await readUnjudged(read, startAt(0), 50);
    put(40, 2);
    expect((await readUnjudged(read, first.next, 51)).rows.rows).toBe(1);
  });

  test('are not outweighed by what was judged of windows that have expired since', async () => {
    const judged = { rows: 9, features: { wind: [9] }, outputs: [9] };
    const { read, put } = someWindows();
    for (let i = 0; i < 4; i++) put(5000, 1);
    const mark: Mark = { from: 0, to: 20, judged };
    expect(plain((await readUnjudged(read, mark, 5000)).rows)).toEqual({ rows: 4, outputs: [0, 4, 0] });
  });

  test('a clock that went back judges nothing twice', async () => {
    const { read, put } = someWindows();
    put(100, 1);
    const first = await readUnjudged(read, startAt(0), 100);
    expect((await readUnjudged(read, first.next, 70)).rows.rows).toBe(0);
  });

  test('every row that arrives before its window has settled is in exactly one lot', async () => {
    const step = fc.record({
      /** Windows that pass before this step. */
      pass: fc.integer({ min: 0, max: 2 * SETTLE_WINDOWS }),
      rows: fc.array(
        fc.record({ late: fc.integer({ min: 0, max: SETTLE_WINDOWS - 1 }), bin: fc.integer({ min: 0, max: 2 }) }),
        { maxLength: 5 },
      ),
      /** A check that judges what it finds, one that finds too few, or none. */
      check: fc.constantFrom('judges', 'too few', 'none'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const { read, put } = someWindows();
        const sent = [0, 0, 0];
        const judged = [0, 0, 0];
        let now = 1000;
        let mark = startAt(0);
        const judge = ({ outputs }: RowCounts) => {
          for (const [bin, count] of outputs.entries()) judged[bin] = (judged[bin] ?? 0) + count;
        };
        for (const { pass, rows, check } of steps) {
          now += pass;
          for (const { late, bin } of rows) {
            put(now - late, bin);
            sent[bin] = (sent[bin] ?? 0) + 1;
          }
          if (check === 'none') continue;
          const lot = await readUnjudged(read, mark, now);
          expect(lot.rows.rows).toBe(lot.rows.outputs.reduce((a, b) => a + b, 0));
          if (check === 'too few') continue;
          judge(lot.rows);
          mark = lot.next;
        }
        judge((await readUnjudged(read, mark, now)).rows);
        expect(judged).toEqual(sent);
      }),
    );
  });
});
