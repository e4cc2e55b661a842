import { describe, expect, test } from '@jest/globals';
import { requireRun } from '../../lambdas/training/run-store.ts';
import { aSeattlePlatform, versionsOf } from '../builders/training-platform.ts';
import { type Around, STEPS_OF_A_REGISTRATION, train } from '../builders/training-steps.ts';

describe('a worker that dies', () => {
  class Killed extends Error {
    override readonly name = 'Runtime.ExitError';
  }

  test.each(STEPS_OF_A_REGISTRATION.flatMap((step) => [['before', step] as const, ['after', step] as const]))(
    '%s %s has done its work loses nothing and does nothing twice',
    async (when, step) => {
      const platform = await aSeattlePlatform();
      const run = await platform.start();
      let killed = 0;
      const around: Around = async (name, work) => {
        const kill = name === step && killed === 0;
        if (kill) killed = 1;
        if (kill && when === 'before') throw new Killed();
        const answer = await work();
        if (kill) throw new Killed();
        return answer;
      };
      expect(await train(platform, run, { around })).toMatchObject({ output: { status: 'succeeded', version: 1 } });
      expect([killed, await versionsOf(platform), platform.sign.signed()]).toEqual([1, 1, 1]);
      expect(platform.bundles.keys()).toHaveLength(5);
    },
  );

  test.each(STEPS_OF_A_REGISTRATION)(
    'for good at %s ends the attempt failed; the next one takes up its work and registers once',
    async (step) => {
      const platform = await aSeattlePlatform();
      const first = await platform.start();
      const around: Around = async (name, work) => {
        const answer = await work();
        if (name === step) throw new Killed();
        return answer;
      };
      const failed = await train(platform, first, { around });
      // A run that was registered and recorded before the worker died has succeeded, whatever the execution says.
      const registered = step === 'register-model';
      expect(failed).toMatchObject({ status: 'FAILED', error: 'Runtime.ExitError' });
      expect(await requireRun(platform.table, 'default', first.runId)).toMatchObject({
        ...{ status: registered ? 'succeeded' : 'failed', attempt: 1 },
      });
      const again = await platform.start();
      expect(again).toMatchObject({ runId: first.runId, attempt: registered ? 1 : 2 });
      if (!registered)
        expect(await train(platform, again)).toMatchObject({ output: { status: 'succeeded', version: 1 } });
      expect([await versionsOf(platform), platform.sign.signed()]).toEqual([1, 1]);
    },
  );
});
