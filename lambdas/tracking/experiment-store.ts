import { createHash } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import { newId } from '../shared/ids.ts';
import { ConditionUnmet, type Item, type Key, type Table, type Write } from '../shared/table.ts';
import { changeItem, whenAt, whileContended } from './change-item.ts';
import { TrackingErrors } from './errors.ts';
import { type Experiment, experimentOf } from './experiment.ts';

export interface ExperimentDeps {
  table: Table;
  clock: Clock;
  /** Where an experiment's files go when its maker does not say. */
  locate: (workspace: string, experimentId: string) => string;
}

const partition = (ws: string) => `${ws}#experiments`;
export const experimentKey = (ws: string, id: string): Key => ({ pk: partition(ws), sk: `e#${id}` });
/** A name is up to 500 characters, a sort key 1,024 bytes. */
const nameKey = (ws: string, name: string): Key => ({
  pk: partition(ws),
  sk: `n#${createHash('sha256').update(name).digest('hex')}`,
});
const counterKey = (ws: string): Key => ({ pk: partition(ws), sk: 'next-id' });

export async function findExperiment(table: Table, ws: string, id: string): Promise<Experiment | undefined> {
  const item = await table.get(experimentKey(ws, id));
  return item && experimentOf(item);
}

/**
 * The experiment, whatever became of it; number 0 is there as soon as somebody asks.
 * @throws ExperimentMissing
 */
export async function requireExperiment(deps: ExperimentDeps, ws: string, id: string): Promise<Experiment> {
  const found = await findExperiment(deps.table, ws, id);
  if (found) return found;
  if (id !== '0') missing(id);
  await ensureDefault(deps, ws);
  return (await findExperiment(deps.table, ws, id)) ?? missing(id);
}

function missing(id: string): never {
  throw TrackingErrors.ExperimentMissing(`No Experiment with id=${id} exists`);
}

export async function experimentByName(table: Table, ws: string, name: string): Promise<Experiment | undefined> {
  const lock = await table.get(nameKey(ws, name));
  return lock && findExperiment(table, ws, String(lock['id']));
}

export async function listExperiments(table: Table, ws: string): Promise<Experiment[]> {
  return (await table.query(partition(ws), { prefix: 'e#' })).map(experimentOf);
}

/**
 * Gives an experiment the next number, in one transaction with its name.
 * @throws ExperimentExists
 */
export async function createExperiment(
  deps: ExperimentDeps,
  ws: string,
  wish: { name: string; artifactLocation?: string; tags: Record<string, string> },
): Promise<Experiment> {
  const { table, clock, locate } = deps;
  // Tells a lost answer of this very call from somebody else's experiment.
  const maker = newId();
  const attempt = async () => {
    const lock = await table.get(nameKey(ws, wish.name));
    if (lock?.['maker'] === maker) return requireExperiment(deps, ws, String(lock['id']));
    if (lock) {
      const held = await findExperiment(table, ws, String(lock['id']));
      const deleted =
        held?.stage === 'deleted'
          ? ' in deleted state. You can restore the experiment, or permanently delete it to create a new one'
          : '';
      throw TrackingErrors.ExperimentExists(`Experiment(name=${wish.name}) already exists${deleted}.`);
    }
    const counter = await table.get(counterKey(ws));
    const next = Number(counter?.['next'] ?? 1);
    const id = String(next);
    const experiment = newExperiment(clock().getTime(), {
      id,
      name: wish.name,
      artifactLocation: wish.artifactLocation || locate(ws, id),
      tags: wish.tags,
    });
    const counted = {
      put: { ...counterKey(ws), next: next + 1 },
      when: counter ? { equals: { next } } : ({ absent: true } as const),
    };
    await table.transact([...writesOf(ws, experiment, maker), counted]);
    return experiment;
  };
  return whileContended(`the number of experiment ${wish.name}`, attempt);
}

/** Experiment 0, "Default", which every workspace has. */
export async function ensureDefault({ table, clock, locate }: ExperimentDeps, ws: string): Promise<void> {
  if (await findExperiment(table, ws, '0')) return;
  const experiment = newExperiment(clock().getTime(), {
    id: '0',
    name: 'Default',
    artifactLocation: locate(ws, '0'),
    tags: {},
  });
  try {
    await table.transact(writesOf(ws, experiment, newId()));
  } catch (error) {
    // Another request was first.
    if (!(error instanceof ConditionUnmet)) throw error;
  }
}

const newExperiment = (
  now: number,
  given: Pick<Experiment, 'id' | 'name' | 'artifactLocation' | 'tags'>,
): Experiment => ({ ...given, stage: 'active', era: 0, createdAt: now, updatedAt: now });

const writesOf = (ws: string, experiment: Experiment, maker: string): Write[] => [
  {
    put: { ...experimentKey(ws, experiment.id), ...experiment, revision: 1, writer: maker } as unknown as Item,
    when: whenAt(0),
  },
  { put: { ...nameKey(ws, experiment.name), id: experiment.id, maker }, when: { absent: true } },
];

/**
 * Changes an experiment; `plan` says nothing where nothing changes.
 * @throws ExperimentMissing, and ExperimentExists where the new name is taken
 */
export async function changeExperiment(
  { table, clock }: Pick<ExperimentDeps, 'table' | 'clock'>,
  ws: string,
  id: string,
  plan: (experiment: Experiment) => Experiment | undefined,
): Promise<void> {
  await changeItem(table, experimentKey(ws, id), async (item) => {
    const before = item ? experimentOf(item as Item) : missing(id);
    const after = plan(before);
    if (!after || after === before) return { result: undefined };
    const put = { ...experimentKey(ws, id), ...after, updatedAt: clock().getTime() } as unknown as Item;
    return { put, also: await renaming(table, ws, before, after), result: undefined };
  });
}

async function renaming(table: Table, ws: string, before: Experiment, after: Experiment): Promise<Write[]> {
  if (before.name === after.name) return [];
  const lock = await table.get(nameKey(ws, after.name));
  if (lock && lock['id'] !== after.id) {
    throw TrackingErrors.ExperimentExists(`Experiment(name=${after.name}) already exists.`);
  }
  return [
    { remove: nameKey(ws, before.name) },
    { put: { ...nameKey(ws, after.name), id: after.id, maker: '' }, when: { absent: true } },
  ];
}
