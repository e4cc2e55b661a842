import { describe, expect, test } from '@jest/globals';
import { runSteps, type Step } from '../../bin/check/run-steps.ts';

const passing = (name: string, after?: string): Step => ({ name, proves: '', after, run: async () => [] });
const failing = (name: string): Step => ({ name, proves: '', run: async () => ['first line\nsecond line'] });
const quiet = () => {};

describe('the steps of the check', () => {
  test('all run when one fails', async () => {
    const results = await runSteps([failing('a'), passing('b'), passing('c')], quiet);
    expect(results.map(({ name, passed }) => [name, passed])).toEqual([
      ['a', false],
      ['b', true],
      ['c', true],
    ]);
  });

  test('a step that reads from another waits for it, and says so when that one failed', async () => {
    const order: string[] = [];
    const noting = (name: string, after?: string): Step => ({
      name,
      proves: '',
      after,
      run: async () => {
        order.push(name);
        return [];
      },
    });
    await runSteps([noting('first'), noting('second', 'first'), noting('other')], quiet);
    expect(order.indexOf('second')).toBeGreaterThan(order.indexOf('first'));

    const said: string[] = [];
    const results = await runSteps([failing('first'), passing('second', 'first')], (line) => said.push(line));
    expect(results.map(({ passed }) => passed)).toEqual([false, false]);
    expect(said[1]).toContain('not run: first failed');
  });

  test('never more than two run at once', async () => {
    let now = 0;
    let most = 0;
    const busy = (name: string): Step => ({
      name,
      proves: '',
      run: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        return [];
      },
    });
    await runSteps(['a', 'b', 'c', 'd', 'e'].map(busy), quiet);
    expect(most).toBe(2);
  });

  test('a step that throws has failed, with its message', async () => {
    const said: string[] = [];
    const thrower: Step = {
      name: 'a',
      proves: '',
      run: async () => {
        throw new Error('the tool is missing');
      },
    };
    expect(await runSteps([thrower], (line) => said.push(line))).toMatchObject([{ passed: false }]);
    expect(said[0]).toContain('the tool is missing');
  });
});
