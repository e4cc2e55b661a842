import * as z from 'zod';
import type { Clock } from '../shared/clock.ts';
import { type Digest, digestOf } from '../shared/digest.ts';
import { SharedErrors } from '../shared/errors.ts';
import type { ListedObject, ObjectStore } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { type NamedObject, objectKey, objectsOfFile } from './collection.ts';
import { isCollection } from './collection-spec.ts';
import { specOf } from './dataset-head.ts';
import { curatedKey, type Manifest, readManifest } from './manifest.ts';
import { requireVersion } from './resolve-version.ts';
import { LISTED_FOLDERS, type NamedKeys, namedByAll } from './verify-listing.ts';
import type { DatasetVersionFact } from './versions.ts';

export interface VerifyDeps {
  table: Table;
  curated: ObjectStore;
  clock: Clock;
  /** Milliseconds after which a page ends; the work that was begun is finished first. */
  budgetMs: number;
}

/**
 * `changed`: there are other bytes. `missing`: there is nothing. `added`: there is an object that no version names.
 * `damaged`: the manifest itself is not what the version's digest says.
 */
export interface Finding {
  kind: 'changed' | 'missing' | 'added' | 'damaged';
  key: string;
  expected: string;
  found: string;
}

export interface VerificationPage {
  version: Digest;
  number: number;
  findings: Finding[];
  /** What this page looked at: bytes are those that were read and hashed, listed the keys that were compared. */
  checked: { files: number; objects: number; bytes: number; listed: number };
  /** Keys that no version names and that are younger than an hour: an ingestion may be about to register them. */
  young: number;
  /** Where the next page begins; absent on the last. */
  next?: string;
}

export interface PageWish {
  workspace: string;
  dataset: string;
  version: string;
  cursor?: string;
}

/** Longer than an ingestion may take, with its retries. */
const YOUNG_MS = 3_600_000;
/** Objects of a collection that are read at a time: some, and never more than this together. */
const MOST_AT_A_TIME = 16;
const MOST_BYTES_AT_A_TIME = 64 * 1024 * 1024;

const Cursor = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('manifest') }),
  /** `row`: how many of the objects that the file's rows name were read. */
  z.strictObject({ step: z.literal('files'), file: z.int().nonnegative(), row: z.int().nonnegative() }),
  z.strictObject({ step: z.literal('listing'), folder: z.int().nonnegative(), after: z.string().optional() }),
]);
type Cursor = z.output<typeof Cursor>;

/**
 * One page of the proof that a version is all there: its manifest against the version's digest, its sidecars, every
 * byte of its files (and of what the rows of a collection name) against their sha256, and what else lies beside them
 * against what all versions of the dataset name.
 * @throws DatasetVersionMissing, DatasetVersionDeleted, InvalidInput for a cursor that is none
 */
export async function verifyVersion(
  deps: VerifyDeps,
  { workspace, dataset, version, cursor }: PageWish,
): Promise<VerificationPage> {
  const fact = await requireVersion(deps.table, { workspace, dataset, version });
  const page: VerificationPage = {
    version: fact.version,
    number: fact.number,
    findings: [],
    checked: { files: 0, objects: 0, bytes: 0, listed: 0 },
    young: 0,
  };
  const deadline = deps.clock().getTime() + deps.budgetMs;
  const look = new Look(deps, workspace, fact, page);
  let at: Cursor | undefined = cursor === undefined ? { step: 'manifest' } : readCursor(cursor);
  do at = await look.step(at);
  while (at && deps.clock().getTime() < deadline);
  return at ? { ...page, next: Buffer.from(JSON.stringify(at)).toString('base64url') } : page;
}

function readCursor(text: string): Cursor {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (cause) {
    throw SharedErrors.InvalidInput('cursor: got what is no cursor, expected the next of the page before', { cause });
  }
}

/** One page's work: what it has read once it reads no more. */
class Look {
  readonly #deps: VerifyDeps;
  readonly #ws: string;
  readonly #fact: DatasetVersionFact;
  readonly #page: VerificationPage;
  #manifest: Promise<Manifest | undefined> | undefined;
  #named: Promise<NamedKeys> | undefined;
  #objects: { file: number; objects: NamedObject[] } | undefined;

  constructor(deps: VerifyDeps, ws: string, fact: DatasetVersionFact, page: VerificationPage) {
    this.#deps = deps;
    this.#ws = ws;
    this.#fact = fact;
    this.#page = page;
  }

  async step(at: Cursor): Promise<Cursor | undefined> {
    if (at.step === 'manifest') return this.#manifestStep();
    return at.step === 'files' ? this.#fileStep(at) : this.#listingStep(at);
  }

  #say(kind: Finding['kind'], key: string, expected: string, found: string): void {
    this.#page.findings.push({ kind, key, expected, found });
  }

  async #manifestStep(): Promise<Cursor> {
    const { curated } = this.#deps;
    const { manifestKey, profileKey, qualityKey, version } = this.#fact;
    const requireSidecar = async (key: string, what: string) => {
      if (!(await curated.head(key))) this.#say('missing', key, what, 'nothing');
    };
    await requireSidecar(profileKey, 'the profile of the version');
    // Files of an engine of their own come without one.
    if (qualityKey) await requireSidecar(qualityKey, 'the quality report of the version');
    try {
      await readManifest(curated, this.#fact);
    } catch (error) {
      const missing = (await curated.head(manifestKey)) === undefined;
      const { message } = error as Error;
      this.#say(
        missing ? 'missing' : 'damaged',
        manifestKey,
        `the manifest of ${version}`,
        missing ? 'nothing' : message,
      );
      // Without it nothing is known of the files, but what lies there can still be compared with the other versions.
      return { step: 'listing', folder: 0 };
    }
    return { step: 'files', file: 0, row: 0 };
  }

  /** The next file, or the next objects that its rows name. */
  async #fileStep({ file: index, row }: Extract<Cursor, { step: 'files' }>): Promise<Cursor> {
    const manifest = await this.#readManifest();
    const file = manifest?.files[index];
    if (!manifest || !file) return { step: 'listing', folder: 0 };
    const key = curatedKey(manifest, file);
    if (row === 0) {
      this.#page.checked.files++;
      const whole = await this.#compare(key, file);
      const next = { step: 'files', file: index + 1, row: 0 } as const;
      if (!whole || !isCollection(await specOf(this.#deps.table, this.#ws, manifest.spec))) return next;
    }
    if (this.#objects?.file !== index) {
      this.#objects = { file: index, objects: await objectsOfFile(this.#deps.curated, manifest, file) };
    }
    const batch = nextObjects(this.#objects.objects, row);
    if (batch.length === 0) return { step: 'files', file: index + 1, row: 0 };
    this.#page.checked.objects += batch.length;
    await Promise.all(batch.map((object) => this.#compare(objectKey(manifest, object.sha256), object)));
    return { step: 'files', file: index, row: row + batch.length };
  }

  /** Reads and hashes all of an object. */
  async #compare(key: string, expected: { sha256: Digest; bytes: number }): Promise<boolean> {
    const bytes = await this.#deps.curated.get(key);
    if (!bytes) {
      this.#say('missing', key, expected.sha256, 'nothing');
      return false;
    }
    this.#page.checked.bytes += bytes.length;
    const found = digestOf(bytes);
    if (found !== expected.sha256) this.#say('changed', key, expected.sha256, found);
    else if (bytes.length !== expected.bytes)
      this.#say('changed', key, `${expected.bytes} bytes`, `${bytes.length} bytes`);
    return found === expected.sha256;
  }

  async #listingStep({ folder, after }: Extract<Cursor, { step: 'listing' }>): Promise<Cursor | undefined> {
    const name = LISTED_FOLDERS[folder];
    if (name === undefined) return undefined;
    const { curated, clock } = this.#deps;
    const { objects, next } = await curated.listPage(`${this.#ws}/${this.#fact.dataset}/${name}/`, { after });
    this.#page.checked.listed += objects.length;
    this.#named ??= namedByAll(this.#deps, this.#ws, this.#fact.dataset);
    const { keys, unreadable } = await this.#named;
    if (folder === 0 && after === undefined) {
      for (const { key, why } of unreadable.filter((each) => each.key !== this.#fact.manifestKey))
        this.#say('damaged', key, 'the manifest of another version', why);
    }
    const now = clock().getTime();
    for (const object of objects.filter(({ key }) => unreadable.length === 0 && !keys.has(key))) {
      if (now - object.modifiedAt.getTime() < YOUNG_MS) this.#page.young++;
      else this.#say('added', object.key, 'what a version names', describe(object));
    }
    return next === undefined ? { step: 'listing', folder: folder + 1 } : { step: 'listing', folder, after: next };
  }

  #readManifest(): Promise<Manifest | undefined> {
    this.#manifest ??= readManifest(this.#deps.curated, this.#fact).catch(() => undefined);
    return this.#manifest;
  }
}

function nextObjects(objects: readonly NamedObject[], from: number): NamedObject[] {
  const batch: NamedObject[] = [];
  let bytes = 0;
  for (const object of objects.slice(from, from + MOST_AT_A_TIME)) {
    bytes += object.bytes;
    if (batch.length > 0 && bytes > MOST_BYTES_AT_A_TIME) break;
    batch.push(object);
  }
  return batch;
}

const describe = ({ bytes, modifiedAt }: ListedObject) => `${bytes} bytes of ${modifiedAt.toISOString()}`;
