import type { Digest } from '../shared/digest.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import type { ColumnProfile, Profile } from './profile.ts';
import { type ColumnDistance, distanceOf } from './profile-distance.ts';
import type { DatasetVersionFact } from './versions.ts';

/** All that is known of a version. */
export interface VersionContent {
  fact: DatasetVersionFact;
  manifest: Manifest;
  profile: Profile;
}

type FileChange = Pick<ManifestFile, 'path' | 'split' | 'rows' | 'bytes'>;

/** A column's spec field that is not what it was; a column that came or went has no field. */
export interface SchemaChange {
  column: string;
  change: 'added' | 'removed' | 'changed';
  field?: string;
  before?: unknown;
  after?: unknown;
}

/** `unknown`: there is nothing to compare, such as a column without values. */
export const SHIFTS = ['equal', 'about the same', 'slightly shifted', 'shifted', 'very different', 'unknown'] as const;
export type Shift = (typeof SHIFTS)[number];

export interface ColumnChange extends Partial<ColumnDistance> {
  column: string;
  shift: Shift;
  /** Shares of rows without a value. */
  missing: { before: number; after: number };
  /** Figures of the profile that are not what they were. */
  figures: { figure: string; before?: number | string; after?: number | string }[];
}

/** What one version of a dataset has that another has not. */
export interface VersionDiff {
  dataset: string;
  before: Side;
  after: Side;
  files: { added: FileChange[]; removed: FileChange[]; kept: number };
  schema: SchemaChange[];
  /** Columns that both have, those that are furthest apart first. */
  columns: ColumnChange[];
}

interface Side {
  version: Digest;
  number: number;
  rows: number;
  registeredAt: string;
}

const sideOf = ({ version, number, rows, registeredAt }: DatasetVersionFact): Side => ({
  version,
  number,
  rows,
  registeredAt,
});

export function diffVersions(before: VersionContent, after: VersionContent): VersionDiff {
  const both = Object.keys(after.profile.columns).filter((name) => name in before.profile.columns);
  const columns = both.map((name) =>
    columnChange(name, before.profile.columns[name] as ColumnProfile, after.profile.columns[name] as ColumnProfile),
  );
  return {
    dataset: after.fact.dataset,
    before: sideOf(before.fact),
    after: sideOf(after.fact),
    files: filesChange(before.manifest.files, after.manifest.files),
    schema: schemaChanges(before.manifest.columns, after.manifest.columns),
    columns: columns.sort((a, b) => (b.distance ?? -1) - (a.distance ?? -1) || (a.column < b.column ? -1 : 1)),
  };
}

function filesChange(before: readonly ManifestFile[], after: readonly ManifestFile[]): VersionDiff['files'] {
  const [had, has] = [new Set(before.map(({ path }) => path)), new Set(after.map(({ path }) => path))];
  const shown = ({ path, split, rows, bytes }: ManifestFile): FileChange => ({ path, split, rows, bytes });
  return {
    added: after.filter(({ path }) => !had.has(path)).map(shown),
    removed: before.filter(({ path }) => !has.has(path)).map(shown),
    kept: after.filter(({ path }) => had.has(path)).length,
  };
}

function schemaChanges(before: Manifest['columns'], after: Manifest['columns']): SchemaChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((column): SchemaChange[] => {
    const [was, is] = [before[column], after[column]];
    if (!was) return [{ column, change: 'added', after: is?.type }];
    if (!is) return [{ column, change: 'removed', before: was.type }];
    const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort() as (keyof typeof was)[];
    return fields
      .filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
      .map((field) => ({ column, change: 'changed', field, before: was[field], after: is[field] }));
  });
}

const FIGURES = ['count', 'min', 'max', 'mean', 'sd', 'distinct'] as const;

function columnChange(column: string, before: ColumnProfile, after: ColumnProfile): ColumnChange {
  const found = distanceOf(before, after);
  const median = { before: before.quantiles?.p50, after: after.quantiles?.p50 };
  const figures = [
    ...FIGURES.map((figure) => ({ figure, before: before[figure], after: after[figure] })),
    { figure: 'median', ...median },
  ].filter((each) => each.before !== each.after);
  return {
    column,
    ...found,
    shift: wordFor(found?.distance),
    missing: { before: missingShare(before), after: missingShare(after) },
    figures,
  };
}

/** Limits on the Kolmogorov-Smirnov distance; a tenth is what one sees in a picture. */
export function wordFor(distance: number | undefined): Shift {
  if (distance === undefined) return 'unknown';
  if (distance === 0) return 'equal';
  if (distance < 0.05) return 'about the same';
  if (distance < 0.1) return 'slightly shifted';
  return distance < 0.25 ? 'shifted' : 'very different';
}

export const missingShare = ({ count, nulls, nonFinite = 0 }: ColumnProfile): number => {
  const rows = count + nulls + nonFinite;
  return rows === 0 ? 0 : (rows - count) / rows;
};
