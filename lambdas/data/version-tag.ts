import { partitionOf } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Item, Key, Table, Write } from '../shared/table.ts';
import { datasetRef } from './versions.ts';

/** Begins with a letter, so that it is no number and no digest. */
const TAG = /^[a-z][a-z0-9._-]{0,62}$/;
const RESERVED = ['latest'];

export const isTag = (text: string): boolean => TAG.test(text) && !RESERVED.includes(text);
export const TAG_RULE = 'a tag is a letter, then letters, digits, dots, _ and -, at most 63, and not latest';

/** Where a tag points; to nothing once it was taken off. */
export interface TagPointer {
  tag: string;
  number: number | null;
  version: Digest | null;
  revision: number;
}

const TAG_ROW = 'version-tag#';
const tagKey = (ws: string, dataset: string, tag: string): Key => ({
  pk: partitionOf(datasetRef(ws, dataset)),
  sk: `${TAG_ROW}${tag}`,
});

export async function tagPointer(table: Table, ws: string, dataset: string, tag: string): Promise<TagPointer> {
  const item = await table.get(tagKey(ws, dataset, tag));
  if (!item) return { tag, number: null, version: null, revision: 0 };
  const { pk: _pk, sk: _sk, ...pointer } = item;
  return pointer as unknown as TagPointer;
}

/** Points the tag elsewhere, unless someone else did so first. It is never removed: what it pointed to stays countable. */
export function tagWrite(
  ws: string,
  dataset: string,
  before: TagPointer,
  to: Pick<TagPointer, 'number' | 'version'>,
): Write {
  const next: TagPointer = { ...before, ...to, revision: before.revision + 1 };
  return {
    put: { ...tagKey(ws, dataset, before.tag), ...next } as unknown as Item,
    when: before.revision === 0 ? { absent: true } : { equals: { revision: before.revision } },
  };
}
