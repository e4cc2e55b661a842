import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CheckResult, DriftReport } from '../../lambdas/monitoring/contract.ts';
import { decideRetraining } from '../../lambdas/monitoring/decide-retraining.ts';
import { driftAlarmOf } from '../../lambdas/monitoring/drift-alarm.ts';
import { findEndpoints } from '../../lambdas/monitoring/find-endpoints.ts';
import { measureDrift } from '../../lambdas/monitoring/measure-drift.ts';
import { publishDrift } from '../../lambdas/monitoring/publish-drift.ts';
import { showDrift } from '../../lambdas/monitoring/show-drift.ts';
import { fitLogisticRegression, predictProbability } from '../../lambdas/training/logistic-regression.ts';
import { anAlarmMessage } from '../builders/alarm-message.ts';
import { aWatchedEndpoint } from '../builders/watched-endpoint.ts';
import { aWatchedWorld, type Rows, type WatchedWorld } from '../builders/watched-world.ts';
import { type City, weatherDays } from '../builders/weather.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { runWorkflow } from '../fakes/workflow.ts';

/** The whole state machine over the weather of two cities, with figures and the alarm in place of CloudWatch. */
describe('the weather that arrives at endpoint rain', () => {
  const endpoints = [aWatchedEndpoint()];
  const figures: number[] = [];
  let world: WatchedWorld;
  let seattle: Rows;
  let newYork: Rows;

  beforeAll(async () => {
    const trained = weatherDays('Seattle', 2012, 2014);
    const { model } = fitLogisticRegression(trained.table, trained.labels, { l2: 1 });
    const rows = (city: City, first: number, last: number): Rows => {
      const { table } = weatherDays(city, first, last);
      return { features: table, answers: predictProbability(model, table.columns) };
    };
    seattle = rows('Seattle', 2015, 2015);
    newYork = rows('New York', 2015, 2015);
    world = aWatchedWorld({ table: memoryTable(), windows: memoryTable(), bundles: memoryObjects('bundles') });
    await world.goLive(rows('Seattle', 2012, 2014));
  });

  async function check(name: string): Promise<CheckResult[]> {
    const deps = { ...world, endpoints, publish: async (_: string, value: number) => void figures.push(value) };
    const steps: Record<string, (input: never) => Promise<unknown>> = {
      'find-endpoints': (input) => findEndpoints(deps, input),
      'measure-drift': (input) => measureDrift(deps, input),
      'publish-drift': (input) => publishDrift(deps, input),
    };
    const end = await runWorkflow('monitoring/check-drift', {
      name,
      invoke: (_, payload) => {
        const { task, input } = payload as { task: string; input: never };
        return steps[task]?.(input) ?? Promise.reject(new Error(`${task} was not expected`));
      },
    });
    expect(end.status).toBe('SUCCEEDED');
    return (end.output as { results: CheckResult[] }).results;
  }
  const view = () => showDrift({ table: world.table, endpoints }, { endpoint: 'rain' }, 'default');
  const psiByColumn = ({ columns }: DriftReport) => Object.fromEntries(columns.map(({ name, psi }) => [name, psi]));

  test("Seattle's next year is no drift", async () => {
    await world.arrive(seattle);
    expect(await check('seattle')).toMatchObject([{ outcome: 'measured', rows: seattle.answers.length }]);
    expect(figures).toHaveLength(1);
    expect(figures[0]).toBeLessThan(0.1);
  });

  test('New York, a moment later at the same endpoint, is', async () => {
    await world.arrive(newYork);
    const results = await check('new-york');
    expect(results).toMatchObject([{ outcome: 'measured', rows: newYork.answers.length, worst: 'wind' }]);
    expect(figures).toHaveLength(2);
    expect(figures[1]).toBeGreaterThan(0.5);
    const { report } = await view();
    expect(psiByColumn(report as DriftReport)['wind']).toBe(figures[1]);
    expect(report?.columns.find(({ name }) => name === 'wind')?.ks).toBeGreaterThan(0.35);
  });

  test('a check without news publishes nothing', async () => {
    expect(await check('idle')).toEqual([]);
    expect(figures).toHaveLength(2);
  });

  test("the alarm's message starts one retraining that says what drifted", async () => {
    const alarm = driftAlarmOf(anAlarmMessage(), 'test');
    const deps = { table: world.table, clock: world.clock, endpoints, cooldownMinutes: 60 };
    const decisions = [];
    for (let i = 0; i < 3; i++) decisions.push(await decideRetraining(deps, alarm as NonNullable<typeof alarm>));
    expect(decisions.map(({ decision }) => decision)).toEqual(['requested', 'known', 'known']);
    const fact = await world.table.get({ pk: 'default#retraining#rain/1', sk: 'fact' });
    expect(fact?.['reason']).toMatch(/^drift at endpoint rain: wind has PSI 0\.9\d over 36\d rows/);
  });
});
