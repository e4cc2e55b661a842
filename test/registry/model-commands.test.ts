import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readLedger } from '../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import {
  modelFact,
  modelVersion,
  recordLive,
  registerModelVersion,
  setChampion,
} from '../../lambdas/registry/contract.ts';
import { aRegistration } from '../builders/registration.ts';
import { faultRate, faulty, seededRandom, untilAnswered } from '../fakes/faulty.ts';
import { type MemoryTable, memoryTable } from '../fakes/memory-table.ts';

/** What the registry promises, in twenty lines: the reference that the real one is compared with. */
interface Reference {
  versions: string[];
  aliases: { champion?: number; live?: number };
  refused: Set<number>;
  rollouts: number;
  ledger: string[];
}
interface Real {
  stored: MemoryTable;
  /** Loses three of ten calls or their answers. */
  table: MemoryTable;
}
type Command = fc.AsyncCommand<Reference, Real>;

const AT = '2026-01-06T09:00:00.000Z';
/** The ledger actions that others hear of from the registry itself. */
const EVENTS = { 'model-version-registered': true, 'champion-chosen': true };
const SUBJECT = 'model:default/rain';

/** `pick` chooses among the versions there are. */
const chosen = ({ versions }: Reference, pick: number) => (pick % versions.length) + 1;

async function agree(model: Reference, { stored }: Real): Promise<void> {
  const fact = await modelFact(stored, 'default', 'rain');
  const { model: name, latestVersion, aliases } = fact ?? {};
  expect({ name, latestVersion, aliases }).toEqual(
    model.versions.length ? { name: 'rain', latestVersion: model.versions.length, aliases: model.aliases } : {},
  );
  for (const [i, token] of model.versions.entries()) {
    const version = await modelVersion(stored, 'default', 'rain', i + 1);
    expect(version).toMatchObject({ run: `run:default/${token}` });
    expect(version?.tags).toEqual(model.refused.has(i + 1) ? { 'millrace.rollout': 'refused' } : {});
  }
  expect((await readLedger(stored, SUBJECT)).map(({ action }) => action)).toEqual(model.ledger);
  const told = stored.items().filter(({ sk }) => sk === 'event');
  expect(told).toHaveLength(model.ledger.filter((action) => action in EVENTS).length);
}

const register = (token: string): Command => ({
  check: () => true,
  async run(model, real) {
    const { version } = await untilAnswered(() => registerModelVersion(real.table, aRegistration({ token })));
    if (!model.versions.includes(token)) {
      model.versions.push(token);
      model.ledger.push('model-version-registered');
    }
    expect(version).toBe(model.versions.indexOf(token) + 1);
    await agree(model, real);
  },
  toString: () => `register(${token})`,
});

const choose = (pick: number): Command => ({
  check: ({ versions }) => versions.length > 0,
  async run(model, real) {
    const version = chosen(model, pick);
    const change = { workspace: 'default', model: 'rain', version, actor: 'token-1', at: AT };
    await untilAnswered(() => setChampion(real.table, change));
    const open = model.aliases.champion === version && !(model.refused.has(version) && model.aliases.live !== version);
    if (!open) {
      model.aliases.champion = version;
      model.refused.delete(version);
      model.ledger.push('champion-chosen');
    }
    await agree(model, real);
  },
  toString: () => `choose(${pick})`,
});

const end = (pick: number, good: boolean): Command => ({
  check: ({ versions }) => versions.length > 0,
  async run(model, real) {
    const version = chosen(model, pick);
    model.rollouts += 1;
    const record = {
      workspace: 'default',
      model: 'rain',
      rollout: `rollout:default/${model.rollouts}` as const,
      actor: 'roll-out-model',
      at: AT,
      ...(good
        ? { action: 'rollout-completed' as const, version }
        : { action: 'rollout-refused' as const, tag: { version, text: 'refused' } }),
    };
    await untilAnswered(() => recordLive(real.table, record));
    expect(await recordLive(real.stored, record)).toBe('already');
    model.ledger.push(record.action);
    if (good) {
      model.aliases.live = version;
      model.refused.delete(version);
    } else {
      model.refused.add(version);
    }
    await agree(model, real);
  },
  toString: () => `end(${pick}, ${good ? 'completed' : 'refused'})`,
});

test('any sequence of registrations, wishes and rollouts does what the reference model does, under faults', async () => {
  const commands = fc.commands(
    [
      fc.constantFrom('a', 'b', 'c', 'd').map(register),
      fc.nat(5).map(choose),
      fc.tuple(fc.nat(5), fc.boolean()).map(([pick, good]) => end(pick, good)),
    ],
    { maxCommands: 20 },
  );
  await fc.assert(
    fc.asyncProperty(commands, fc.integer(), async (sequence, seed) => {
      const stored = memoryTable();
      const table = faulty(stored, faultRate(0.3, seededRandom(seed)));
      const reference: Reference = { versions: [], aliases: {}, refused: new Set(), rollouts: 0, ledger: [] };
      await fc.asyncModelRun(() => ({ model: reference, real: { stored, table } }), sequence);
      expect(await verifySubject(stored, SUBJECT)).toMatchObject({ intact: true });
    }),
    { numRuns: 200 },
  );
});
