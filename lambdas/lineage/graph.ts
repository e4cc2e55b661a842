import type { Item, Table } from '../shared/table.ts';
import { asEdge, type Edge } from './edge.ts';
import { LineageErrors } from './errors.ts';
import {
  asLedgerEntry,
  ENTRY_PREFIX,
  headKey,
  type LedgerEntry,
  type LedgerHead,
  type LedgerVerdict,
  verifyLedger,
} from './ledger.ts';
import { factKey, parseRef, partitionOf, type Ref } from './ref.ts';

export interface GraphNode {
  ref: Ref;
  fact?: Record<string, unknown>;
}
export interface Graph {
  nodes: GraphNode[];
  edges: Edge[];
  /** True when the walk stopped at its limit of things. */
  truncated: boolean;
}

export interface WalkOptions {
  direction: 'upstream' | 'downstream' | 'both';
  /** The most things a walk visits. */
  limit?: number;
}

/** Relations along which a thing points at what it came from; the others point at what came of it. */
const UPSTREAM_OUT = new Set(['derived-from', 'read', 'trained-by', 'version-of', 'serves', 'caused-by', 'rolled-out']);

/**
 * Everything reachable from one thing, breadth first. Edges are followed by meaning: a run `produced` a bundle,
 * so the run is upstream of it although the edge points away.
 * @throws ThingUnknown when nothing is known of the start
 */
export async function walk(table: Table, start: Ref, { direction, limit = 200 }: WalkOptions): Promise<Graph> {
  const seen = new Set<Ref>([start]);
  const edges = new Map<string, Edge>();
  const nodes: GraphNode[] = [];
  let frontier: Ref[] = [start];
  let truncated = false;
  while (frontier.length > 0) {
    const pages = await Promise.all(frontier.map((thing) => table.query(partitionOf(thing))));
    const next: Ref[] = [];
    for (const [i, items] of pages.entries()) {
      const here = frontier[i] as Ref;
      nodes.push({ ref: here, fact: withoutKeys(items.find(({ sk }) => sk === 'fact')) });
      for (const edge of items.filter(isEdge).map(asEdge)) {
        const other = edge.from === here ? edge.to : edge.from;
        const upstream = (edge.from === here) === UPSTREAM_OUT.has(edge.relation);
        if (direction !== 'both' && upstream !== (direction === 'upstream')) continue;
        if (!seen.has(other) && seen.size >= limit) {
          truncated = true;
          continue;
        }
        edges.set(`${edge.from} ${edge.relation} ${edge.to}`, edge);
        if (!seen.has(other)) {
          seen.add(other);
          next.push(other);
        }
      }
    }
    frontier = next;
  }
  if (edges.size === 0 && nodes[0]?.fact === undefined)
    throw LineageErrors.ThingUnknown(`ref: got ${start}, nothing is known of it`);
  return { nodes, edges: [...edges.values()], truncated };
}

const isEdge = ({ sk }: Item) => sk.startsWith('out#') || sk.startsWith('in#');

function withoutKeys(item: Item | undefined): Record<string, unknown> | undefined {
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...fact } = item;
  return fact;
}

/** A chain's entries, oldest first. */
export async function readLedger(table: Table, subject: Ref): Promise<LedgerEntry[]> {
  return (await table.query(partitionOf(subject), { prefix: ENTRY_PREFIX })).map(asLedgerEntry);
}

export async function verifySubject(table: Table, subject: Ref): Promise<LedgerVerdict> {
  // The head first: a link written between the two reads then shows as one too many entries and is read again.
  for (let attempt = 1; ; attempt++) {
    const head = (await table.get(headKey(subject))) as (Item & LedgerHead) | undefined;
    const entries = await readLedger(table, subject);
    const verdict = verifyLedger(entries, head);
    const moved = entries.length > (head?.sequence ?? 0);
    if (verdict.intact || !moved || attempt === 3) return verdict;
  }
}

/** A thing's fact. */
export async function factOf(table: Table, thing: Ref): Promise<Record<string, unknown> | undefined> {
  return withoutKeys(await table.get(factKey(thing)));
}

/**
 * The text as a reference into this workspace; another workspace's things look like things that do not exist.
 * @throws ThingUnknown otherwise
 */
export function requireWorkspaceRef(text: string, workspace: string): Ref {
  const parts = parseRef(text);
  if (parts?.workspace === workspace) return text as Ref;
  throw LineageErrors.ThingUnknown(
    `ref: got ${JSON.stringify(text)}, expected <kind>:${workspace}/<path> of a known thing`,
  );
}
