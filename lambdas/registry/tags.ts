import type { Item, Key, Table, Write } from '../shared/table.ts';
import { RegistryErrors } from './errors.ts';

/** What carries tags: a model's head, a version's fact. */
export interface Tagged {
  tags?: Record<string, string>;
  longTags?: string[];
}

/** A thing's tags with the writes that make them so; the thing itself is the caller's to put. */
export interface TagChange {
  tags: Record<string, string>;
  longTags?: string[];
  writes: Write[];
}

/** MLflow's limits. */
const MOST_KEY = 250;
const MOST_VALUE = 100_000;
/** A tag of more bytes has an item of its own: a value may be 400 KB, which is all that DynamoDB takes in one. */
const MOST_INLINE = 1000;
/** Keys and short values stand in one item with all the rest of it. */
const MOST_TAGS = 200;
/** What one transaction takes beside everything else of a version: 4 MB, 100 writes. */
const MOST_LONG_AT_ONCE = 60;
const MOST_BYTES_AT_ONCE = 3_000_000;

/** Whose tags these are: `model/rain`, `version/rain/3`. */
const partition = (workspace: string, owner: string) => `${workspace}#registry-tags#${owner}`;
const longKey = (workspace: string, owner: string, key: string): Key => ({ pk: partition(workspace, owner), sk: key });
export const ownerOfModel = (model: string) => `model/${model}`;
export const ownerOfVersion = (model: string, version: number) => `version/${model}/${version}`;

/** @throws ModelTagInvalid */
export function withTags(workspace: string, owner: string, before: Tagged, set: Record<string, string>): TagChange {
  const tags = { ...before.tags };
  const long = new Set(before.longTags);
  const writes: Write[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(set)) {
    checkTag(key, value);
    const size = Buffer.byteLength(value);
    const own = longKey(workspace, owner, key);
    if (size > MOST_INLINE) {
      delete tags[key];
      long.add(key);
      writes.push({ put: { ...own, value } });
      bytes += size;
    } else {
      tags[key] = value;
      if (long.delete(key)) writes.push({ remove: own });
    }
  }
  const count = Object.keys(tags).length + long.size;
  if (count > MOST_TAGS)
    throw RegistryErrors.ModelTagInvalid(`tags: got ${count}, at most ${MOST_TAGS} stand on one thing`);
  if (writes.length > MOST_LONG_AT_ONCE || bytes > MOST_BYTES_AT_ONCE) {
    throw RegistryErrors.ModelTagInvalid(
      `tags: got ${writes.length} long values of ${bytes} bytes at once, at most ${MOST_LONG_AT_ONCE} of ${MOST_BYTES_AT_ONCE} bytes are taken; set the others one by one`,
    );
  }
  return { tags, ...(long.size > 0 && { longTags: [...long] }), writes };
}

export function withoutTag(workspace: string, owner: string, before: Tagged, key: string): TagChange {
  const { [key]: _gone, ...tags } = before.tags ?? {};
  const longTags = before.longTags?.filter((each) => each !== key);
  const wasLong = longTags?.length !== before.longTags?.length;
  return {
    tags,
    ...(longTags && longTags.length > 0 && { longTags }),
    writes: wasLong ? [{ remove: longKey(workspace, owner, key) }] : [],
  };
}

/** Removes the long tags of a thing that goes. */
export const dropLongTags = (workspace: string, owner: string, { longTags = [] }: Tagged): Write[] =>
  longTags.slice(0, MOST_LONG_AT_ONCE).map((key) => ({ remove: longKey(workspace, owner, key) }));

/** All tags of several things, long ones included. */
export async function allTags(
  table: Table,
  workspace: string,
  things: readonly { owner: string; thing: Tagged }[],
): Promise<Record<string, string>[]> {
  const keys = things.flatMap(({ owner, thing }) =>
    (thing.longTags ?? []).map((key) => longKey(workspace, owner, key)),
  );
  const found = keys.length > 0 ? ((await table.getMany(keys)) as Item[]) : [];
  const values = new Map(found.map(({ pk, sk, value }) => [`${pk} ${sk}`, value as string]));
  return things.map(({ owner, thing }) => {
    const long = (thing.longTags ?? []).flatMap((key) => {
      const value = values.get(`${partition(workspace, owner)} ${key}`);
      return value === undefined ? [] : [[key, value]];
    });
    return { ...thing.tags, ...Object.fromEntries(long) };
  });
}

/** Platform facts: their tags say what the platform did, so nobody else writes them. */
const OWN_TAGS = 'millrace.';

/** A copy of a version comes with its original's tags; what the platform said of that one is not true of the copy. */
export const freeTags = (tags: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith(OWN_TAGS)));

/** @throws ModelTagInvalid for a key that is the platform's */
export function checkFreeTags(keys: readonly string[]): void {
  const own = keys.find((key) => key.startsWith(OWN_TAGS));
  if (own === undefined) return;
  throw RegistryErrors.ModelTagInvalid(
    `Invalid value ${JSON.stringify(own)} for parameter 'key' supplied: tags that begin with ${OWN_TAGS} are written by the platform only`,
  );
}

/** MLflow's rules and texts (mlflow/utils/validation.py). @throws ModelTagInvalid */
export function checkTagKey(key: string): void {
  const refuse = (why: string) =>
    RegistryErrors.ModelTagInvalid(
      `Invalid value ${JSON.stringify(key.slice(0, 300))} for parameter 'key' supplied: ${why}`,
    );
  if (!/^[/\p{L}\p{N}_.\- :]+$/u.test(key)) {
    throw refuse(
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  }
  // A key is a path in some stores; one that is another path there is none here.
  if (key.startsWith('/') || key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw refuse(
      'Names may be treated as files in certain cases, and must not resolve to other names when treated as such',
    );
  }
  if ([...key].length > MOST_KEY) {
    throw RegistryErrors.ModelTagInvalid(`'key' exceeds the maximum length of ${MOST_KEY} characters`);
  }
}

const PROMPT_TEXT = 'mlflow.prompt.text';

function checkTag(key: string, value: string): void {
  checkTagKey(key);
  // As clients count: an astral character is one.
  if (value.length <= MOST_VALUE || [...value].length <= MOST_VALUE) return;
  throw RegistryErrors.ModelTagInvalid(
    key === PROMPT_TEXT
      ? `Prompt text exceeds max length of ${MOST_VALUE} characters.`
      : `'value' exceeds the maximum length of ${MOST_VALUE} characters`,
  );
}
