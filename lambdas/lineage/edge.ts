import type { Item, Write } from '../shared/table.ts';
import { partitionOf, type Ref } from './ref.ts';

/** What one thing has to do with another; read from left to right: run `read` dataset version. */
export const RELATIONS = [
  'derived-from',
  'read',
  'produced',
  'trained-by',
  'bundled-in',
  'version-of',
  'rolled-out',
  'serves',
  'caused-by',
] as const;
export type Relation = (typeof RELATIONS)[number];

export interface Edge {
  from: Ref;
  relation: Relation;
  to: Ref;
}

/** An edge as its two items, one in each thing's partition. Writing it again changes nothing. */
export function edgeWrites({ from, relation, to }: Edge): Write[] {
  return [
    { put: { pk: partitionOf(from), sk: `out#${relation}#${to}`, from, relation, to } },
    { put: { pk: partitionOf(to), sk: `in#${relation}#${from}`, from, relation, to } },
  ];
}

export const asEdge = ({ from, relation, to }: Item): Edge => ({ from, relation, to }) as unknown as Edge;
