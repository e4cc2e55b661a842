import { describe, expect, test } from '@jest/globals';
import { ref } from '../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import { requireRun } from '../../lambdas/training/run-store.ts';
import { aSeattlePlatform, openVersion, versionsOf } from '../builders/training-platform.ts';
import { type Around, STEPS_OF_A_REGISTRATION, train } from '../builders/training-steps.ts';
import { faultRate, faulty, seededRandom, untilAnswered } from '../fakes/faulty.ts';

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

  test('and is replaced by one with newer code leaves the run the model that it had', async () => {
    const platform = await aSeattlePlatform();
    const first = await platform.start();
    const before = platform.deps.trainerCode;
    const around: Around = (name, work) => (name === 'judge-model' ? Promise.reject(new Killed()) : work());
    await train(platform, first, { around });
    Object.assign(platform.deps, { trainerCode: `sha256:${'d'.repeat(64)}` });
    const end = await train(platform, await platform.start());
    expect(end.visited).not.toContain('Train');
    expect((await openVersion(platform, 1)).manifest.code.trainer).toBe(before);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'at any call of table or zones, again and again, does nothing twice (seed %i)',
    async (seed) => {
      const platform = await aSeattlePlatform();
      const run = await platform.start();
      const { table, artifacts, bundles } = platform.deps;
      const fault = faultRate(0.15, seededRandom(seed));
      Object.assign(platform.deps, {
        table: faulty(table, fault),
        artifacts: faulty(artifacts, fault),
        bundles: faulty(bundles, fault),
      });
      const end = await train(platform, run, { around: (_, work) => untilAnswered(work) });
      expect(end).toMatchObject({ output: { status: 'succeeded', version: 1 } });
      expect(await versionsOf(platform)).toBe(1);
      expect(platform.bundles.keys()).toHaveLength(5);
      const { manifest } = await openVersion(platform, 1);
      expect(manifest.metrics['auc']).toBeCloseTo(0.772, 3);
      const ledger = await verifySubject(table, ref('model', 'default', 'rain'));
      expect(ledger).toEqual({ intact: true, entries: 2 });
    },
  );
});
