import { describe, expect, test } from '@jest/globals';
import { readMetricsFile } from '../../lambdas/training/metric-histories.ts';

const read = (text: string) => readMetricsFile(Buffer.from(text));

describe('metrics.csv of a training script', () => {
  test('has a history a column, with gaps where a step has no value', () => {
    expect(read('epoch,step,loss,val/loss\n0,10,0.5,\n0,20,.25,0.75\n1,30,1e-3,\n')).toEqual({
      histories: {
        epoch: [
          [10, 0],
          [20, 0],
          [30, 1],
        ],
        loss: [
          [10, 0.5],
          [20, 0.25],
          [30, 0.001],
        ],
        'val/loss': [[20, 0.75]],
      },
    });
  });

  test('counts its lines where it has no steps, and is as systems write text', () => {
    expect(read('\ufeffloss\r\n3\r\n2\r\n')).toEqual({
      histories: {
        loss: [
          [0, 3],
          [1, 2],
        ],
      },
    });
    expect(read('loss')).toEqual({ histories: {} });
  });

  test('keeps what no number of JSON says: NaN, and infinities as the largest double', () => {
    expect(read('a\nnan\ninf\n-Infinity\n1e999')).toEqual({
      histories: {
        a: [
          [0, null],
          [1, Number.MAX_VALUE],
          [2, -Number.MAX_VALUE],
          [3, Number.MAX_VALUE],
        ],
      },
    });
  });

  test('may have blanks and quotes around its cells', () => {
    expect(read('step, "loss"\n"1", 2')).toEqual({ histories: { loss: [[1, 2]] } });
  });

  test('is refused in a sentence, however long what is wrong is', () => {
    const { historiesRefused = '' } = read('$'.repeat(1_000_000));
    expect(historiesRefused).toMatch(/^metrics\.csv: line 1: /);
    expect(historiesRefused.length).toBeLessThan(400);
  });

  test('may name a metric like what objects have', () => {
    const { histories } = read('__proto__,constructor\n1,2') as { histories: object };
    expect(Object.entries(histories)).toEqual([
      ['__proto__', [[0, 1]]],
      ['constructor', [[0, 2]]],
    ]);
  });

  test.each([
    ['an empty file', '', /line 1: .*""/],
    ['a name twice', 'a,a\n1,2', /line 1: names "a" twice/],
    ['a quote that does not end', '"a\n1', /line 1: .*alphanumerics/],
    ['a name that leaves its folder', '../a\n1', /line 1: /],
    ['a name that takes long to follow', '../'.repeat(340_000), /line 1: /],
    ['a long name', `${'x'.repeat(251)}\n1`, /line 1: .*250/],
    ['too few cells', 'a,b\n1', /line 2: has 1 cells, its header has 2/],
    ['half a step', 'step,a\n0.5,1', /line 2, step: got "0.5", expected a whole number/],
    ['no step', 'step,a\n,1', /line 2, step: got "", expected a whole number/],
    ['a step beyond doubles', 'step,a\n9007199254740993,1', /line 2, step: .*expected a whole number/],
    ['hexadecimal', 'a\n1\n0x10', /line 3, a: got "0x10", expected a number/],
    ['a truth', 'a\ntrue', /line 2, a: got "true"/],
    ['digits without end', `a\n${'1'.repeat(500_000)}x`, /line 2, a: got "1{80}", expected a number/],
    ['columns', Array.from({ length: 101 }, (_, i) => `c${i}`).join(), /names 101 columns, at most 100/],
    ['values', `a\n${'1\n'.repeat(10_001)}`, /line 10002: is beyond 10000 values/],
    ['bytes', 'a\n'.padEnd(1024 * 1024 + 1, '1'), /has 1048577 bytes, at most 1048576/],
  ])('is refused whole with the line and the rule: %s', (_, text, message) => {
    expect(read(text)).toEqual({ historiesRefused: expect.stringMatching(message) });
  });

  test('is read up to its limits', () => {
    const { histories } = read(`a,b\n${'1,2\n'.repeat(5000)}`) as { histories: Record<string, unknown[]> };
    expect(histories['b']).toHaveLength(5000);
  });
});
