import { expect, test } from '@jest/globals';
import type { Executions } from '../../lambdas/serving/ports.ts';
import { newId } from '../../lambdas/shared/ids.ts';

/** What every implementation of the executions port does; `end` brings a running one to its end. */
export function executionsContract(given: () => Executions, end: (name: string) => Promise<void>): void {
  test('an execution that nobody started is unknown', async () => {
    expect(await given().status(`nobody-${newId()}`)).toBe('unknown');
  });

  test('a name starts one execution, and is known for good', async () => {
    const name = `one-${newId()}`;
    await given().start(name, { workspace: 'default' });
    await given().start(name, { workspace: 'default' });
    expect(await given().status(name)).toBe('running');
    await end(name);
    expect(await given().status(name)).toBe('failed');
    await given().start(name, { workspace: 'default' });
    expect(await given().status(name)).toBe('failed');
  });
}
