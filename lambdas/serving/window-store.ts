import { partitionOf } from '../lineage/contract.ts';
import type { Item, Table, Write } from '../shared/table.ts';
import { endpointRef } from './endpoint-fact.ts';
import { emptyWindow, mergeAllWindows, mergeWindows, type WindowStats } from './window.ts';

/**
 * How long one stored window is. Ten seconds, so that a rollout's step of a few seconds is judged by little more than
 * its own time; a day of steady traffic is 8,640 rows of about a kilobyte.
 */
export const WINDOW_SECONDS = 10;

/** Days a window is kept: longer than any drift check or rollout looks back. */
const KEPT_DAYS = 35;

/** The beginning of the window that holds a moment: ISO 8601 to the second. */
export function windowStart(at: string | number): string {
  const ms = typeof at === 'number' ? at : Date.parse(at);
  const start = Math.floor(ms / 1000 / WINDOW_SECONDS) * WINDOW_SECONDS * 1000;
  return `${new Date(start).toISOString().slice(0, 19)}Z`;
}

/**
 * A window is stored in as many parts as collectors wrote it at the same time, and read as all of them. Collectors that
 * met at one row again and again took seconds for what takes milliseconds.
 */
export const WINDOW_PARTS = 16;

/** Which version of which endpoint a window is of, when it begins (`windowStart`), and which part of it. */
export interface WindowKey {
  workspace: string;
  endpoint: string;
  functionVersion: string;
  start: string;
  part: number;
}

const windowKey = ({ workspace, endpoint, functionVersion, start, part }: WindowKey) => ({
  pk: partitionOf(endpointRef(workspace, endpoint)),
  sk: `${functionVersion}#${start}#${String(part).padStart(2, '0')}`,
});

/**
 * What a version of an endpoint did between two moments (ISO 8601), both rounded down to the window they lie in and
 * both included. A version without traffic has the empty window.
 */
export async function readWindows(
  windows: Table,
  workspace: string,
  endpoint: string,
  functionVersion: string,
  from: string,
  to: string,
): Promise<WindowStats> {
  const key = (at: string, part: number) =>
    windowKey({ workspace, endpoint, functionVersion, start: windowStart(at), part });
  const { pk, sk } = key(from, 0);
  const items = await windows.query(pk, { from: sk, to: key(to, WINDOW_PARTS).sk });
  return mergeAllWindows(items.map(statsOf));
}

/** A stored part with the revision that its next write holds against; 0 where nothing is stored. */
export async function storedWindow(windows: Table, key: WindowKey): Promise<{ stats: WindowStats; revision: number }> {
  const item = await windows.get(windowKey(key));
  return item ? { stats: statsOf(item), revision: Number(item['revision']) } : { stats: emptyWindow(), revision: 0 };
}

/** The write that adds to a stored part, which holds only while nobody else has. */
export function windowWrite(
  key: WindowKey,
  stored: { stats: WindowStats; revision: number },
  added: WindowStats,
  now: Date,
): Write {
  return {
    put: {
      ...windowKey(key),
      ...(mergeWindows(stored.stats, added) as unknown as Item),
      revision: stored.revision + 1,
      expiresAt: Math.floor(now.getTime() / 1000) + KEPT_DAYS * 24 * 3600,
    },
    when: stored.revision === 0 ? { absent: true } : { equals: { revision: stored.revision } },
  };
}

/** Its members alone; what a row of an older release lacks is empty. */
function statsOf(item: Item): WindowStats {
  const { pk: _pk, sk: _sk, revision: _revision, expiresAt: _expiresAt, ...stats } = item;
  return { ...emptyWindow(), ...stats } as WindowStats;
}
