import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readLedger } from '../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import { modelFact, modelVersion, registerModelVersion } from '../../lambdas/registry/contract.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { RetryOptions } from '../../lambdas/shared/retry.ts';
import { aRegistration } from '../builders/registration.ts';
import { AnswerLost, faultRate, faulty, seededRandom } from '../fakes/faulty.ts';
import { type MemoryTable, memoryTable } from '../fakes/memory-table.ts';

/** Without waiting, whoever loses a race tries again at once; only the scheduler decides who wins. */
const AT_ONCE: RetryOptions = { attempts: 200, sleep: async () => {} };
const RAIN = 'model:default/rain';

/** The promises: dense numbers, one version for each token, one ledger entry and one event for each version. */
async function expectDense(table: MemoryTable, answers: Map<string, number>): Promise<void> {
  const tokens = answers.size;
  expect([...answers.values()].sort((a, b) => a - b)).toEqual(Array.from({ length: tokens }, (_, i) => i + 1));
  expect(await modelFact(table, 'default', 'rain')).toMatchObject({ latestVersion: tokens });
  for (const [token, version] of answers) {
    expect(await modelVersion(table, 'default', 'rain', version)).toMatchObject({ run: `run:default/${token}` });
  }
  const count = (part: string) => table.items().filter(({ pk }) => pk.includes(part)).length;
  expect(count('#model-version#')).toBe(tokens * 3); // the fact, and its two edges
  expect(count('#outbox#')).toBe(tokens);
  const entries = await readLedger(table, RAIN);
  expect(entries.map(({ detail }) => detail['version'])).toEqual(Array.from({ length: tokens }, (_, i) => i + 1));
  expect(await verifySubject(table, RAIN)).toMatchObject({ intact: true, entries: tokens });
}

/** One caller with its token: asks until it has an answer; whatever was lost on the way, the answers must agree. */
async function ask(table: MemoryTable, token: string, answers: Map<string, number>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { version } = await registerModelVersion(table, aRegistration({ token }), AT_ONCE);
      expect(answers.get(token) ?? version).toBe(version);
      answers.set(token, version);
      return;
    } catch (error) {
      if (!(error instanceof AnswerLost) || attempt === 500) throw error;
    }
  }
}

describe('registering at the same time', () => {
  test('leaves no gap and no duplicate, whatever the order of calls and whichever answers are lost', async () => {
    const callers = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 2, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(callers, fc.integer(), fc.scheduler(), async (tokens, seed, scheduler) => {
        const stored = memoryTable();
        const faults = faultRate(0.3, seededRandom(seed));
        const table = faulty(stored, faults, () => scheduler.schedule(Promise.resolve()));
        const answers = new Map<string, number>();
        await scheduler.waitFor(Promise.all(tokens.map((token) => ask(table, token, answers))));
        await expectDense(stored, answers);
      }),
      { numRuns: 150 },
    );
  });

  test('gives 50 callers of one token one number', async () => {
    const stored = memoryTable();
    const table = faulty(stored, faultRate(0.3, seededRandom(7)));
    const answers = new Map<string, number>();
    await Promise.all(Array.from({ length: 50 }, () => ask(table, 'the one', answers)));
    await expectDense(stored, answers);
  });

  test('gives 300 tokens 300 numbers, ten at a time', async () => {
    const stored = memoryTable();
    const table = faulty(stored, faultRate(0.3, seededRandom(11)));
    const answers = new Map<string, number>();
    const waiting = Array.from({ length: 300 }, (_, i) => `token-${i}`);
    const writer = async () => {
      for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) await ask(table, token, answers);
    };
    await Promise.all(Array.from({ length: 10 }, writer));
    await expectDense(stored, answers);
  });

  test('gives a token that two models race for to one of them', async () => {
    const models = fc.shuffledSubarray(['rain', 'snow', 'hail'], { minLength: 2 });
    await fc.assert(
      fc.asyncProperty(models, fc.scheduler(), async (names, scheduler) => {
        const stored = memoryTable();
        const table = faulty(
          stored,
          () => undefined,
          () => scheduler.schedule(Promise.resolve()),
        );
        const asked = names.map((model) => registerModelVersion(table, aRegistration({ model }), AT_ONCE));
        const outcomes = await scheduler.waitFor(Promise.allSettled(asked));
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'TokenReused' });
        }
        expect(stored.items().filter(({ pk, sk }) => sk === 'fact' && pk.includes('#model-version#'))).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });

  test('ends as contended, with nothing written, when every attempt loses', async () => {
    const stored = memoryTable();
    let other = 0;
    const table: MemoryTable = {
      ...stored,
      async transact(writes) {
        other += 1;
        await registerModelVersion(stored, aRegistration({ token: `faster-${other}` }));
        await stored.transact(writes);
      },
    };
    const slow = registerModelVersion(table, aRegistration({ token: 'slow' }), { ...AT_ONCE, attempts: 5 });
    await expect(slow).rejects.toMatchObject({ name: 'ModelContended', kind: 'conflict' });
    expect(await modelFact(stored, 'default', 'rain')).toMatchObject({ latestVersion: 5 });
  });
});

describe('a registration that is refused', () => {
  test.each([
    ['a model name with a slash', { model: 'a/b' }, 'ModelNameInvalid', /Invalid model name 'a\/b'/],
    ['an empty model name', { model: '' }, 'ModelNameInvalid', /Missing value for required parameter 'name'/],
    [
      'a run of another workspace',
      { run: 'run:blue/x' as const },
      'RegistrationInvalid',
      /run: got run:blue\/x, expected run:default/,
    ],
    ['a spec that is a run', { spec: 'run:default/x' as const }, 'RegistrationInvalid', /spec: got run:default\/x/],
    ['a bundle that is no digest', { bundle: 'sha256:abc' as const }, 'RegistrationInvalid', /bundle: got sha256:abc/],
    ['an empty token', { token: '' }, 'RegistrationInvalid', /token: got 0 characters/],
    [
      'evidence that no item holds',
      { gate: 'x'.repeat(200_000) },
      'RegistrationInvalid',
      /metrics and gate: got 2\d{5} characters/,
    ],
    ['a metric that is no number', { metrics: { auc: Number.NaN } }, 'InvalidInput', /got NaN/],
  ])('for %s leaves nothing behind', async (_, wrong, name, message) => {
    const table = memoryTable();
    // The builder derives the run from the token; here the rest must be good.
    const registration = { ...aRegistration(), ...wrong };
    const refused = registerModelVersion(table, registration);
    await expect(refused).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    expect(table.items()).toEqual([]);
  });

  test('for its payload keeps the first one', async () => {
    const table = memoryTable();
    await registerModelVersion(table, aRegistration());
    const before = table.items();
    await registerModelVersion(table, aRegistration({ bundle: digestOf('x') })).catch(() => {});
    expect(table.items()).toEqual(before);
  });
});
