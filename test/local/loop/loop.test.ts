import { describe, expect, test } from '@jest/globals';
import { until } from '../cloud/until.ts';
import { startDemo } from './demo-process.ts';

const MINUTE = 60_000;
const NOTHING = { processes: [], folder: false };
type Line = Record<string, unknown> & { station: string };

describe('npm run demo -- --json', () => {
  test(
    'takes real data through the whole loop and prints one line a station',
    async () => {
      const demo = startDemo();
      expect({ code: await demo.ended(), stderr: demo.text.stderr }).toEqual({ code: 0, stderr: '' });
      expect(demo.leaves()).toEqual(NOTHING);
      expect(demo.text.stdout).toMatch(/\}\n$/);
      const lines = demo.lines().map((line) => JSON.parse(line) as Line);
      const seconds = expect.any(Number);
      expect(lines).toMatchObject(STATIONS.map(([station, figures]) => ({ station, seconds, ...figures })));
      const [, , first, , seattle, newYork, second, , lookBack] = lines;
      for (const value of Object.values(seattle?.['psi'] as object)) expect(value).toBeLessThan(0.1);
      expect(seattle?.['maxPsi']).toBeLessThan(0.1);
      expect(newYork?.['maxPsi']).toBeGreaterThan(0.2);
      expect(second?.['datasetVersion']).not.toBe(first?.['datasetVersion']);
      const lineage = lookBack?.['lineage'] as string[];
      for (const kind of ['bundle', 'run', 'raw-object', 'spec', 'code']) {
        expect(lineage).toContainEqual(expect.stringMatching(`^${kind}:default/`));
      }
      expect(lineage).toContain(`dataset-version:default/weather/${first?.['datasetVersion']}`);
    },
    6 * MINUTE,
  );
});

describe('npm run demo that is interrupted', () => {
  test.each([
    ['while it deploys', 'cdk deploy'],
    ['while it rolls out', 'ministack-lambda-millrace-local-serving-roll-out-model-'],
  ])(
    '%s ends at once and leaves nothing',
    async (_, command) => {
      const demo = startDemo();
      const over = demo.ended();
      await until(() => demo.finds(command), 180);
      expect(demo.processes().length).toBeGreaterThan(1);
      demo.interrupt();
      const from = Date.now();
      expect(await over).toBe(130);
      expect(Date.now() - from).toBeLessThan(10_000);
      expect(demo.leaves()).toEqual(NOTHING);
      expect(demo.text.stderr).toMatch(/stopped; nothing is left running/);
      for (const line of demo.lines()) expect(JSON.parse(line)).toHaveProperty('station');
    },
    4 * MINUTE,
  );
});

const near = (value: number) => expect.closeTo(value, 3);

/** Every station in its order, with what must come of it. */
const STATIONS: readonly [station: string, figures: object][] = [
  ['local-cloud', { stacks: 8 }],
  ['ingest', { number: 1, trainRows: 1096, testRows: 365 }],
  ['train', { version: 1, metrics: { auc: near(0.772), brier: near(0.1875) }, gate: gate(6) }],
  ['roll-out', { version: 1, steps: [], functionVersion: '1' }],
  ['predict', { city: 'Seattle', days: 365, alarm: 'ok' }],
  ['drift', { city: 'New York', days: 365, worst: 'wind', ks: { wind: near(0.409) }, alarm: 'alarm' }],
  // The alarm fired five times more.
  ['retrain', { retrainings: 1, version: 2, gate: gate(8) }],
  [
    'roll-out-again',
    {
      version: 2,
      steps: [10],
      functionVersion: '2',
      answers: { 1: expect.any(Number), 2: expect.any(Number) },
      failed: 0,
    },
  ],
  ['look-back', { ledgerIntact: true, modelVersion: 1 }],
  ['end', { total: expect.any(Number), idleMonthUsd: expect.any(Number) }],
];

function gate(checks: number) {
  return Array.from({ length: checks }, () => expect.objectContaining({ passed: true }));
}
