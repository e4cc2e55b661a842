import { partitionOf } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Item, Key, Table, Value, Write } from '../shared/table.ts';
import { type Deletion, datasetRef } from './versions.ts';

export interface Pin {
  at: string;
  by: string;
  reason: string;
}

/**
 * What changes about a version, beside its fact that never does. Every change counts `revision` up, and holds only
 * against the revision it was made from: so a version cannot be pinned and deleted at once.
 */
export interface VersionState {
  number: number;
  version: Digest;
  revision: number;
  tags: string[];
  pin?: Pin;
  deletion?: Deletion;
}

const STATE_ROW = 'version-state#';

/** By number and not by digest: content that comes back after its deletion is a new number, and another state. */
const stateKey = (ws: string, dataset: string, number: number): Key => ({
  pk: partitionOf(datasetRef(ws, dataset)),
  sk: `${STATE_ROW}${String(number).padStart(12, '0')}`,
});

interface Version {
  number: number;
  version: Digest;
}

/** Of a version of which nothing was said yet: revision 0. */
export async function versionState(
  table: Table,
  ws: string,
  dataset: string,
  { number, version }: Version,
): Promise<VersionState> {
  const item = await table.get(stateKey(ws, dataset, number));
  return item ? asState(item) : { number, version, revision: 0, tags: [] };
}

/** By number, where something was said. */
export async function versionStates(table: Table, ws: string, dataset: string): Promise<Map<number, VersionState>> {
  const items = await table.query(partitionOf(datasetRef(ws, dataset)), { prefix: STATE_ROW });
  return new Map(items.map(asState).map((state) => [state.number, state]));
}

/** The write that puts `change` on top of a state, unless someone else changed it first. */
export function stateWrite(
  ws: string,
  dataset: string,
  before: VersionState,
  change: Partial<Omit<VersionState, 'number' | 'version' | 'revision'>>,
): Write {
  const next = { ...before, ...change, revision: before.revision + 1 };
  const item = { ...stateKey(ws, dataset, before.number), ...withoutUndefined(next) };
  return {
    put: item as unknown as Item,
    when: before.revision === 0 ? { absent: true } : { equals: { revision: before.revision } },
  };
}

/** Holds while nothing about the version has changed: what begins to use it then sees a deletion, or is seen by it. */
export function stateCheck(ws: string, dataset: string, state: VersionState): Write {
  const key = stateKey(ws, dataset, state.number);
  return { check: key, when: state.revision === 0 ? { absent: true } : { equals: { revision: state.revision } } };
}

function asState({ pk: _pk, sk: _sk, ...state }: Item): VersionState {
  return state as unknown as VersionState;
}

function withoutUndefined(state: VersionState): Record<string, Value> {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}
