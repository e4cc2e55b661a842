import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { EndpointFunctions } from '../../lambdas/serving/ports.ts';

/** A function that nobody else touches, with alias `live` at `$LATEST`; it answers with its environment's `BUNDLE`. */
export interface FreshFunction {
  functions: EndpointFunctions;
  name: string;
}

/** What every implementation of the endpoint port does. */
export function endpointFunctionsContract(fresh: () => Promise<FreshFunction>): void {
  /** The function once its last change is applied. */
  const settled = async ({ functions, name }: FreshFunction) => {
    for (;;) {
      const state = await functions.describe(name);
      if (state.update !== 'pending') return state;
      await sleep(100);
    }
  };
  /** Publishes `$LATEST` with this bundle. */
  const publish = async (fn: FreshFunction, BUNDLE: string) => {
    const { functions, name } = fn;
    const { revision, environment } = await settled(fn);
    await functions.configure(name, { ...environment, BUNDLE }, revision);
    return (await functions.publish(name, (await settled(fn)).revision, `bundle ${BUNDLE}`)).functionVersion;
  };

  test('a published version pins its environment for good', async () => {
    const fn = await fresh();
    const one = await publish(fn, 'one');
    const two = await publish(fn, 'two');
    expect(Number(two)).toBe(Number(one) + 1);
    expect((await fn.functions.describe(fn.name, one)).environment).toMatchObject({ BUNDLE: 'one' });
    expect((await fn.functions.describe(fn.name)).environment).toMatchObject({ BUNDLE: 'two' });
    expect(await fn.functions.invoke(fn.name, one, {})).toBe('one');
    expect(await fn.functions.invoke(fn.name, two, {})).toBe('two');
  });

  test('publishing what has not changed gives the same version', async () => {
    const fn = await fresh();
    const one = await publish(fn, 'one');
    const { revision, update } = await settled(fn);
    expect(update).toBe('successful');
    expect(await fn.functions.publish(fn.name, revision, 'again')).toEqual({ functionVersion: one });
  });

  test('a change that was made on an older state is refused', async () => {
    const fn = await fresh();
    const { revision } = await fn.functions.describe(fn.name);
    await publish(fn, 'one');
    await expect(fn.functions.configure(fn.name, {}, revision)).rejects.toMatchObject({ name: 'FunctionMoved' });
    expect((await fn.functions.describe(fn.name)).environment).toMatchObject({ BUNDLE: 'one' });
  });

  test('the alias goes where it is sent, with a share for another version and without', async () => {
    const fn = await fresh();
    const [one, two] = [await publish(fn, 'one'), await publish(fn, 'two')];
    expect(await fn.functions.alias(fn.name)).toMatchObject({ functionVersion: '$LATEST', weights: {} });
    const targets = [
      { functionVersion: one, weights: {} },
      { functionVersion: one, weights: { [two]: 0.1 } },
      { functionVersion: two, weights: {} },
      { functionVersion: '$LATEST', weights: {} },
    ];
    for (const target of targets) {
      const { revision } = await fn.functions.alias(fn.name);
      await fn.functions.moveAlias(fn.name, target, revision);
      const { functionVersion, weights } = await fn.functions.alias(fn.name);
      expect({ functionVersion, weights }).toEqual(target);
    }
  });

  test('an alias that somebody moved meanwhile stays where it is', async () => {
    const fn = await fresh();
    const one = await publish(fn, 'one');
    const { revision } = await fn.functions.alias(fn.name);
    await fn.functions.moveAlias(fn.name, { functionVersion: one, weights: {} }, revision);
    const late = fn.functions.moveAlias(fn.name, { functionVersion: '$LATEST', weights: {} }, revision);
    await expect(late).rejects.toMatchObject({ name: 'AliasMoved' });
    expect(await fn.functions.alias(fn.name)).toMatchObject({ functionVersion: one });
  });

  test('`$LATEST` shares no traffic, and a version that is not there has none', async () => {
    const fn = await fresh();
    const one = await publish(fn, 'one');
    const { revision } = await fn.functions.alias(fn.name);
    const shared = { functionVersion: '$LATEST', weights: { [one]: 0.5 } };
    await expect(fn.functions.moveAlias(fn.name, shared, revision)).rejects.toMatchObject({ name: 'FunctionFailed' });
    await expect(fn.functions.describe(fn.name, '99')).rejects.toMatchObject({ name: 'FunctionFailed' });
    await expect(fn.functions.invoke(fn.name, '99', {})).rejects.toMatchObject({ name: 'FunctionFailed' });
  });

  test('a version that throws has failed', async () => {
    const fn = await fresh();
    const version = await publish(fn, 'throws');
    await expect(fn.functions.invoke(fn.name, version, {})).rejects.toMatchObject({ name: 'FunctionFailed' });
  });
}
