import type { Item, Table, Write } from '../shared/table.ts';
import type { DatasetHead } from './dataset-head.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import { columnNames } from './dataset-spec.ts';
import { watchRows } from './dataset-watch.ts';
import type { DatasetVersionFact } from './versions.ts';

/** What of a dataset can be searched, and what a list shows. */
export interface DatasetRow {
  dataset: string;
  owner: string;
  tags: string[];
  /** Every column that files have, also those that privacy drops: that is what people look for. */
  columns: string[];
  /** Whether a column names the person (or other subject) whom a row is about. */
  subject: boolean;
  createdAt: string;
  description?: string;
  source?: string;
  purpose?: string;
  licence?: string;
  /** Of the newest version; absent before the first. */
  latest?: { number: number; version: string; rows: number; registeredAt: string };
}

const partition = (ws: string): string => `${ws}#datasets`;

/**
 * A dataset's line in its workspace's list. It goes into the transaction that changes the dataset's head, whose
 * condition lets one writer through at a time: so the line says what the head says.
 */
export function catalogueRow(ws: string, head: DatasetHead, spec: DatasetSpec, latest?: DatasetVersionFact): Write {
  const { description, source, purpose, licence } = spec;
  const row: DatasetRow = {
    dataset: head.dataset,
    owner: spec.owner,
    tags: spec.tags ?? [],
    columns: columnNames(spec.columns),
    subject: Object.values(spec.columns).some(({ role }) => role === 'subject'),
    createdAt: head.createdAt,
    ...defined({ description, source, purpose, licence }),
    ...(latest && {
      latest: {
        number: latest.number,
        version: latest.version,
        rows: latest.rows,
        registeredAt: latest.registeredAt,
      },
    }),
  };
  return { put: { pk: partition(ws), sk: head.dataset, ...row } as unknown as Item };
}

/** All that stands beside a dataset's head, for its transaction. @param head as it was before, where a version comes */
export const catalogueRows = (
  ws: string,
  head: DatasetHead,
  spec: DatasetSpec,
  latest?: DatasetVersionFact,
): Write[] => [catalogueRow(ws, head, spec, latest), ...watchRows(ws, head, spec, latest)];

export interface DatasetsWanted {
  workspace: string;
  /** Each of these is in the name, the owner, a tag, a column's name, or in what is said of the dataset. */
  words: string[];
  column?: string;
  owner?: string;
  tag?: string;
  subject?: boolean;
  /** Begins behind this dataset. */
  after?: string;
  limit: number;
}

export interface DatasetsFound {
  datasets: DatasetRow[];
  /** The dataset to ask behind for more. It may be there although nothing more will be found. */
  next?: string;
}

/** Read for one call: a row has about 1 kB, so this is 2 MB, 500 read units, a hundredth of a cent. */
const LOOKED_AT = 2000;
const PAGE = 500;

/**
 * The datasets of a workspace by name, those that all of what is given fits. One partition is read, page by page, up to
 * a bound: a workspace of many thousands is looked through in several calls.
 */
export async function searchDatasets(table: Table, wanted: DatasetsWanted): Promise<DatasetsFound> {
  const found: DatasetRow[] = [];
  let after = wanted.after;
  for (let seen = 0; seen < LOOKED_AT; seen += PAGE) {
    const page = await table.query(partition(wanted.workspace), { after, limit: PAGE });
    for (const item of page) {
      after = item.sk;
      const row = asRow(item);
      if (fits(row, wanted)) found.push(row);
      if (found.length === wanted.limit)
        return item === page.at(-1) && page.length < PAGE ? end(found) : more(found, after);
    }
    if (page.length < PAGE) return end(found);
  }
  return more(found, after);
}

const end = (datasets: DatasetRow[]): DatasetsFound => ({ datasets });
const more = (datasets: DatasetRow[], next?: string): DatasetsFound => ({ datasets, next });

function fits(row: DatasetRow, { words, column, owner, tag, subject }: DatasetsWanted): boolean {
  const { dataset, tags, columns, description, source, purpose } = row;
  const texts = [dataset, row.owner, ...tags, ...columns, description ?? '', source ?? '', purpose ?? ''].map(folded);
  if (!words.every((word) => texts.some((text) => text.includes(folded(word))))) return false;
  if (column !== undefined && !columns.some((name) => folded(name).includes(folded(column)))) return false;
  if (owner !== undefined && !folded(row.owner).includes(folded(owner))) return false;
  if (tag !== undefined && !tags.includes(tag)) return false;
  return subject === undefined || row.subject === subject;
}

/** `Wetter` finds `WETTER`, and `Düsseldorf` finds the same text composed in another way. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

function asRow({ pk: _pk, sk: _sk, ...row }: Item): DatasetRow {
  return row as unknown as DatasetRow;
}

const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
