import { describe, expect, test } from '@jest/globals';
import { PlatformError } from '../../lambdas/shared/errors.ts';
import type { runWorkflow } from '../fakes/workflow.ts';

const FILE = 'monitoring/check-drift';

type Answer = unknown | ((input: Record<string, string>, call: number) => unknown);

const failWith =
  (name: string, kind: 'invalid' | 'unavailable' = 'unavailable') =>
  () => {
    throw new PlatformError(kind, name, `${name} was planned`);
  };
const found = (...endpoints: string[]) => ({
  checks: endpoints.map((endpoint) => ({ workspace: 'default', endpoint })),
});
const measured = ({ endpoint }: Record<string, string>) => ({ endpoint, outcome: 'measured', maxPsi: 0.3 });
const recorded = ({ endpoint, error }: Record<string, string>) => ({
  results: [{ endpoint, outcome: 'failed', error }],
});

/** What the state machine must do, wherever it runs: in memory, and in the local cloud. */
export function checkDriftWorkflowContract(place: string, run: () => typeof runWorkflow): void {
  describe(`check-drift ${place}`, () => {
    /** The machine with its four steps answered as given; a step that is not given must not be reached. */
    const check = async (steps: Record<string, Answer>, input: unknown = {}) => {
      const calls: { task: string; input: Record<string, string> }[] = [];
      const end = await run()(FILE, {
        input,
        name: 'check-1',
        invoke: async (target, payload) => {
          const call = payload as (typeof calls)[number];
          expect(target).toBe('${CheckDrift}');
          calls.push(call);
          const answer = steps[call.task];
          if (answer === undefined) throw new Error(`${call.task} was not expected`);
          const earlier = calls.filter(({ task }) => task === call.task).length - 1;
          return typeof answer === 'function' ? answer(call.input, earlier) : answer;
        },
      });
      return { ...end, calls, counts: (task: string) => calls.filter((call) => call.task === task).length };
    };

    test('measures and publishes each endpoint, and ends with what it did', async () => {
      const end = await check({
        'find-endpoints': found('rain', 'snow'),
        'measure-drift': measured,
        'publish-drift': {},
      });
      expect(end.status).toBe('SUCCEEDED');
      expect(end.output).toEqual({
        results: [
          { endpoint: 'rain', outcome: 'measured', maxPsi: 0.3 },
          { endpoint: 'snow', outcome: 'measured', maxPsi: 0.3 },
        ],
      });
      expect(end.calls).toContainEqual({
        task: 'measure-drift',
        input: { workspace: 'default', endpoint: 'snow', check: 'check-1' },
      });
      expect(end.calls).toContainEqual({ task: 'publish-drift', input: { workspace: 'default', endpoint: 'snow' } });
    });

    test.each([[{}], [{ workspace: 'default' }], [{ workspace: 'default', endpoint: 'rain' }], [{ endpoint: 'rain' }]])(
      'hands on what it was asked: %j',
      async (input) => {
        expect((await check({ 'find-endpoints': found() }, input)).calls).toEqual([{ task: 'find-endpoints', input }]);
      },
    );

    test('without an endpoint to check it ends well and calls nothing more', async () => {
      const end = await check({ 'find-endpoints': found() });
      expect(end).toMatchObject({ status: 'SUCCEEDED', output: { results: [] } });
      expect(end.calls).toHaveLength(1);
    });

    test.each(['too-few', 'not-live'])('publishes nothing of an endpoint that is %s', async (outcome) => {
      const end = await check({ 'find-endpoints': found('rain'), 'measure-drift': { endpoint: 'rain', outcome } });
      expect(end).toMatchObject({ status: 'SUCCEEDED', output: { results: [{ endpoint: 'rain', outcome }] } });
      expect(end.counts('publish-drift')).toBe(0);
    });

    test.each(['measure-drift', 'publish-drift'])(
      'an endpoint whose %s fails is written down, the others are checked, and the check ends failed',
      async (task) => {
        const end = await check({
          'find-endpoints': found('rain', 'snow'),
          'measure-drift': measured,
          'publish-drift': {},
          [task]: (input: Record<string, string>) =>
            input['endpoint'] === 'rain' ? failWith('ServiceUnavailable')() : measured(input),
          'record-failure': recorded,
        });
        expect(end).toMatchObject({ status: 'FAILED', error: 'CheckFailed' });
        expect(JSON.parse(end.cause ?? '')).toEqual({
          results: [
            { endpoint: 'rain', outcome: 'failed', error: 'ServiceUnavailable' },
            { endpoint: 'snow', outcome: 'measured', maxPsi: 0.3 },
          ],
        });
        expect(end.calls.find((call) => call.task === 'record-failure')?.input).toEqual({
          workspace: 'default',
          endpoint: 'rain',
          check: 'check-1',
          error: 'ServiceUnavailable',
          cause: expect.stringContaining('ServiceUnavailable was planned'),
        });
      },
    );

    test.each(['find-endpoints', 'measure-drift', 'publish-drift', 'record-failure'])(
      '%s is repeated when it fails for a while',
      async (task) => {
        const steps: Record<string, Answer> = {
          'find-endpoints': found('rain'),
          'measure-drift': measured,
          'publish-drift': {},
          'record-failure': recorded,
        };
        if (task === 'record-failure') steps['measure-drift'] = failWith('BundleTampered', 'invalid');
        const good = steps[task] as (input: object) => unknown;
        steps[task] = (input: object, call: number) => {
          if (call < 4) failWith('ServiceThrottled')();
          return typeof good === 'function' ? good(input) : good;
        };
        const end = await check(steps);
        expect(end.counts(task)).toBe(5);
        expect(end.status).toBe(task === 'record-failure' ? 'FAILED' : 'SUCCEEDED');
      },
    );

    test.each([
      ['find-endpoints', 'EndpointUnwatched'],
      ['measure-drift', 'BundleTampered'],
      ['measure-drift', 'BaselineUnusable'],
      ['publish-drift', 'InvalidInput'],
    ])('%s is not repeated after %s', async (task, error) => {
      const end = await check({
        'find-endpoints': found('rain'),
        'measure-drift': measured,
        'publish-drift': {},
        [task]: failWith(error, 'invalid'),
        'record-failure': recorded,
      });
      expect(end.counts(task)).toBe(1);
      expect(end).toMatchObject({ status: 'FAILED', error: 'CheckFailed' });
    });

    test('a check that finds no endpoints for an error is written down for all of them', async () => {
      const end = await check({
        'find-endpoints': failWith('ServiceUnavailable'),
        'record-failure': { results: [{ endpoint: 'rain', outcome: 'failed', error: 'ServiceUnavailable' }] },
      });
      expect(end.counts('find-endpoints')).toBe(5);
      expect(end.calls.at(-1)?.input).toMatchObject({ check: 'check-1', error: 'ServiceUnavailable' });
      expect(end).toMatchObject({ status: 'FAILED', error: 'CheckFailed' });
      expect(JSON.parse(end.cause ?? '').results).toHaveLength(1);
    });

    test.each(['find-endpoints', 'measure-drift'])(
      'where even the failure of %s cannot be written down, the execution still ends failed and says so',
      async (task) => {
        const end = await check({
          'find-endpoints': found('rain'),
          [task]: failWith('ServiceUnavailable'),
          'record-failure': failWith('ServiceThrottled'),
        });
        expect(end).toMatchObject({ status: 'FAILED', error: 'CheckFailed' });
        expect(end.cause).toContain('ServiceUnavailable');
      },
    );
  });
}
