import { commit, factKey, type Ref, ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import { ConditionUnmet, type Item, type Table, type Write } from '../shared/table.ts';
import type { BreachCount } from './ports.ts';

/**
 * `waiting` for the file; `running`; `succeeded` (its rows are in `version`); `refused` for what is in the file;
 * `failed` for what went wrong here: the same file may be tried again.
 */
export type IngestionStatus = 'waiting' | 'running' | 'succeeded' | 'refused' | 'failed';

/** What is known of one uploaded file, from the announcement to the dataset version. */
export interface IngestionView {
  uploadId: string;
  dataset: string;
  status: IngestionStatus;
  fileName: string;
  /** The object's key in the raw zone. */
  key: string;
  /** Announced or found, in bytes. */
  bytes: number;
  createdAt: string;
  updatedAt: string;
  /** The version that has the file's rows, its number, and how many of them are new in it. */
  version?: Digest;
  number?: number;
  rows?: number;
  /** True when the dataset had every good row of the file already, so that the version is the one before. */
  unchanged?: boolean;
  /** Rows that the dataset, or an earlier row of the file, has value for value. */
  repeated?: number;
  /** Rows of the dataset that gave way to rows of the file, or went with a snapshot. */
  replaced?: number;
  /** Rows that were not taken, and broken rules by column; the whole report is a key of the curated zone. */
  quarantined?: number;
  breaches?: BreachCount[];
  qualityKey?: string;
  error?: { name: string; message: string };
}

/** The stored fact: also which version of the object was read. */
export interface IngestionFact extends IngestionView {
  /** Version id or ETag; absent while waiting. */
  objectVersion?: string;
}

export type Ending = Pick<
  IngestionFact,
  | 'status'
  | 'version'
  | 'number'
  | 'rows'
  | 'unchanged'
  | 'repeated'
  | 'replaced'
  | 'quarantined'
  | 'breaches'
  | 'qualityKey'
  | 'error'
>;

const ingestionRef = (ws: string, dataset: string, uploadId: string): Ref =>
  ref('ingestion', ws, `${dataset}/${uploadId}`);

export const hasEnded = ({ status }: IngestionFact): boolean => status === 'succeeded' || status === 'refused';

export async function ingestionFact(
  table: Table,
  ws: string,
  dataset: string,
  uploadId: string,
): Promise<IngestionFact | undefined> {
  const item = await table.get(factKey(ingestionRef(ws, dataset, uploadId)));
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...fact } = item;
  return fact as unknown as IngestionFact;
}

/** The write that puts `next` in the place of `before`, unless someone else did so first. */
export function ingestionWrite(ws: string, before: IngestionFact | undefined, next: IngestionFact): Write {
  const key = factKey(ingestionRef(ws, next.dataset, next.uploadId));
  const item = { ...key, ...withoutUndefined(next) } as unknown as Item;
  if (!before) return { put: item, when: { absent: true } };
  return { put: item, when: { equals: { status: before.status, updatedAt: before.updatedAt } } };
}

/** Writes `next`, or says false when someone else wrote first. */
export async function replaceIngestion(
  table: Table,
  ws: string,
  before: IngestionFact | undefined,
  next: IngestionFact,
): Promise<boolean> {
  try {
    const refused = next.status === 'refused' ? { event: refusedEvent(ws, next) } : {};
    await commit(table, { facts: [ingestionWrite(ws, before, next)], ...refused });
    return true;
  } catch (error) {
    if (error instanceof ConditionUnmet) return false;
    throw error;
  }
}

/** EventBridge source `millrace.data`: a file was refused whole. Its error by name only: a message may quote the file. */
export const INGESTION_REFUSED = 'IngestionRefused';

const refusedEvent = (ws: string, { dataset, uploadId, objectVersion, error }: IngestionFact) => ({
  id: derivedId(INGESTION_REFUSED, ws, dataset, uploadId, objectVersion ?? ''),
  workspace: ws,
  domain: 'data',
  type: INGESTION_REFUSED,
  detail: { dataset, uploadId, error: error?.name ?? 'Unexpected' },
});

function withoutUndefined(fact: IngestionFact): Partial<IngestionFact> {
  return Object.fromEntries(Object.entries(fact).filter(([, value]) => value !== undefined));
}
