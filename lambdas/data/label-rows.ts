import { parquetReadObjects } from 'hyparquet';
import { digestOf } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import type { Labels } from './label-spec.ts';
import { curatedKey, type Manifest, type SplitName } from './manifest.ts';

/** What one labeller calls one item. Values are texts, whatever the columns' types: `textOf`. */
export interface LabelRow {
  split: SplitName;
  /** In the order of `labels.key`. */
  key: string[];
  labeller: string;
  label: string;
}

/** What is read within a request's 29 seconds and the function's memory. */
export const MOST_LABELS = 200_000;

/** @throws LabelSetMissing when the dataset is no label set */
export function requireLabels({ dataset, labels }: Pick<DatasetSpec, 'dataset' | 'labels'>): Labels {
  if (labels) return labels;
  throw DataErrors.LabelSetMissing(`dataset: got ${dataset}, its spec has no block labels, so it is no label set`);
}

/**
 * The labels of a version, as its files have them.
 * @throws LabelSetTooLarge, CuratedFileDamaged
 */
export async function readLabels(curated: ObjectStore, manifest: Manifest, labels: Labels): Promise<LabelRow[]> {
  if (manifest.rows > MOST_LABELS)
    throw DataErrors.LabelSetTooLarge(
      `dataset: got ${manifest.dataset} with ${manifest.rows} labels, at most ${MOST_LABELS} are read in one request`,
    );
  const columns = [...labels.key, labels.labeller, labels.label];
  const type = (name: string) => manifest.columns[name]?.type ?? 'string';
  const rows: LabelRow[] = [];
  for (const file of manifest.files) {
    const key = curatedKey(manifest, file);
    const bytes = await curated.get(key);
    const got = bytes && digestOf(bytes);
    if (!bytes || got !== file.sha256)
      throw DataErrors.CuratedFileDamaged(`${key}: got ${got ?? 'nothing'}, the manifest says ${file.sha256}`);
    // A Node buffer may be a window of a larger one.
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    for (const row of await parquetReadObjects({ file: buffer, columns })) {
      const label = row[labels.label] as unknown;
      // Somebody looked and did not decide: that is no label.
      if (label === null || label === undefined) continue;
      const named = (name: string) => textOf(row[name] as unknown, type(name));
      rows.push({
        split: file.split,
        key: labels.key.map(named),
        labeller: named(labels.labeller),
        label: named(labels.label),
      });
    }
  }
  return rows;
}

/** A typed value as the text that a CSV has for it. */
function textOf(value: unknown, type: string): string {
  if (!(value instanceof Date)) return String(value);
  return type === 'date' ? value.toISOString().slice(0, 10) : value.toISOString();
}

export interface LabelledItem {
  key: string[];
  split: SplitName;
  /** By labeller. */
  labels: Map<string, string>;
}

/** Labels by item, in the order of their keys. */
export function itemsOf(rows: readonly LabelRow[]): LabelledItem[] {
  const items = new Map<string, LabelledItem>();
  for (const { key, split, labeller, label } of rows) {
    const id = JSON.stringify(key);
    const item = items.get(id) ?? { key, split, labels: new Map<string, string>() };
    item.labels.set(labeller, label);
    items.set(id, item);
  }
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
