import { newId } from '../shared/ids.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Key, type PackedItem, type Table, type Write } from '../shared/table.ts';
import { type Versioned, whenAt, whileContended } from './change-item.ts';
import { TrackingErrors } from './errors.ts';
import { parseJson, writeJson } from './mlflow-json.ts';

/** Bytes of a document in one item; DynamoDB takes 400 KB, its names and key among them. */
const PART_BYTES = 300_000;
/** What a run holds is one answer, of which Lambda takes six MB: names and quotes make a document of short texts three times as long there. */
const MOST_PARTS = 5;

/** How a document is kept: what one item does not hold goes over several, in one transaction. */
export interface DocumentKind<T> {
  pack(document: T): Uint8Array;
  unpack(bytes: Uint8Array): T;
  /** Whether the bytes are text, which stays readable in the console while it is in one part. */
  isText: boolean;
}

export const jsonDocument = <T>(): DocumentKind<T> => ({
  pack: (document) => Buffer.from(writeJson(document)),
  unpack: (bytes) => parseJson(Buffer.from(bytes).toString()) as T,
  isText: true,
});

/** One document: its first part is the item of this key, the others stand behind it. */
export interface DocumentPlace extends Key {
  /** As messages call it: `run 4f…: its params and tags`. */
  name: string;
}

const partKey = ({ pk, sk }: Key, n: number): Key => ({
  pk,
  sk: n === 0 ? sk : `${sk}#${String(n).padStart(2, '0')}`,
});

/** The writes that make a document what it is. @throws RunTooLarge */
function writesOf<T>(
  kind: DocumentKind<T>,
  place: DocumentPlace,
  document: T,
  revision: number,
  writer: string,
): Write[] {
  const bytes = kind.pack(document);
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  if (parts > MOST_PARTS) {
    throw TrackingErrors.RunTooLarge(
      `${place.name} are ${bytes.length} bytes, at most ${PART_BYTES * MOST_PARTS} are kept`,
    );
  }
  return Array.from({ length: parts }, (_, n) => {
    const part = bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES);
    const put: PackedItem = { ...partKey(place, n), revision: revision + 1, writer, parts };
    const isText = kind.isText && parts === 1;
    const filled: PackedItem = isText
      ? { ...put, doc: Buffer.from(part).toString() }
      : { ...put, bytes: new Uint8Array(part) };
    return n === 0 ? { put: filled, when: whenAt(revision) } : { put: filled };
  });
}

/**
 * The document among these items; undefined where its first part is not among them. Other parts that are not there
 * are read.
 * @throws ConditionUnmet where another writer replaced them meanwhile: to be read again
 */
export async function documentOf<T>(
  table: Table,
  kind: DocumentKind<T>,
  place: Key,
  items: readonly PackedItem[],
): Promise<{ document: T; head: Versioned } | undefined> {
  const own = items.filter(({ pk, sk }) => pk === place.pk && (sk === place.sk || sk.startsWith(`${place.sk}#`)));
  const head = own.find(({ sk }) => sk === place.sk) as Versioned | undefined;
  if (!head) return undefined;
  const parts = Number(head['parts']);
  if (parts === 1) {
    const bytes = kind.isText ? Buffer.from(String(head['doc'])) : (head['bytes'] as Uint8Array);
    return { document: kind.unpack(bytes), head };
  }
  const keys = Array.from({ length: parts - 1 }, (_, n) => partKey(place, n + 1));
  const all = own.length >= parts ? own : [head, ...(await table.getMany(keys))];
  const sorted = all.sort((a, b) => (a.sk < b.sk ? -1 : 1)).slice(0, parts);
  // Parts that another writer replaces meanwhile are of two documents.
  if (sorted.length < parts || sorted.some((part) => part['revision'] !== head.revision)) throw new ConditionUnmet([0]);
  return { document: kind.unpack(Buffer.concat(sorted.map((part) => part['bytes'] as Uint8Array))), head };
}

const isRace = (error: unknown) => error instanceof ConditionUnmet;

/** Repeats a read while its parts are of two documents. */
export const reread = <T>(read: () => Promise<T>): Promise<T> => retrying(read, isRace);

async function send(table: Table, writes: readonly Write[]): Promise<void> {
  const [only] = writes;
  await (writes.length === 1 && only && 'put' in only ? table.write(only) : table.transact(writes));
}

/**
 * Writes a new document; its id is new, so that one which is there already is this one.
 * @param also Written with it or not at all
 * @returns Whether it wrote: false also where its own answer was lost
 */
export async function putNewDocument<T>(
  table: Table,
  kind: DocumentKind<T>,
  place: DocumentPlace,
  document: T,
  also: readonly Write[] = [],
): Promise<boolean> {
  try {
    await send(table, [...writesOf(kind, place, document, 0, newId()), ...also]);
    return true;
  } catch (error) {
    if (!isRace(error)) throw error;
    return false;
  }
}

/**
 * Changes a document; a plan that gives it back as it is writes nothing.
 * @param first What the caller has read of it already
 * @throws TrackingContended, RunTooLarge, and what the plan throws
 */
export async function changeDocument<T>(
  table: Table,
  kind: DocumentKind<T>,
  place: DocumentPlace,
  plan: (before: T | undefined) => T | Promise<T>,
  { first, retry = {} }: { first?: readonly PackedItem[]; retry?: RetryOptions } = {},
): Promise<T> {
  const writer = newId();
  let read = first;
  const attempt = async () => {
    const items = read ?? (await table.getMany([partKey(place, 0)]));
    read = undefined;
    const found = await documentOf(table, kind, place, items);
    // The change is in it: only the answer to the write was lost.
    if (found?.head.writer === writer) return found.document;
    const after = await plan(found?.document);
    if (after === found?.document) return after;
    await send(table, writesOf(kind, place, after, found?.head.revision ?? 0, writer));
    return after;
  };
  return whileContended(place.name, attempt, retry);
}
