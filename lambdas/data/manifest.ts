import * as z from 'zod';
import { canonicalJson, DIGEST_PATTERN, type Digest, digestOf, hexOf } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { Column, Partition, Split } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { merkleRoot } from './merkle.ts';
import type { DatasetVersionFact } from './versions.ts';

export const SPLITS = ['train', 'test'] as const;
export type SplitName = (typeof SPLITS)[number];

const DigestText = z.custom<Digest>((value) => typeof value === 'string' && DIGEST_PATTERN.test(value), 'a digest');

export const ManifestFile = z.strictObject({
  /** Logical path `<split>/[<every>=<unit>/]<hex>.parquet`; `curatedKey` gives the object's key. */
  path: z.string(),
  split: z.enum(SPLITS),
  /** The calendar unit whose rows are in it, such as `2001-03`, where the spec has a partition. */
  partition: z.string().optional(),
  sha256: DigestText,
  bytes: z.int().positive(),
  rows: z.int().positive(),
});
export type ManifestFile = z.output<typeof ManifestFile>;

/** The list of a dataset version's files, with the spec they were checked against. Files are sorted by path. */
export const Manifest = z.strictObject({
  schema: z.literal('millrace/manifest/1'),
  workspace: z.string(),
  dataset: z.string(),
  spec: DigestText,
  /** As they are kept: `curatedColumns` of the spec. */
  columns: z.record(z.string(), Column),
  split: Split,
  partition: Partition.optional(),
  files: z.array(ManifestFile).min(1),
  rows: z.int().positive(),
});
export type Manifest = z.output<typeof Manifest>;

type Leaf = Pick<ManifestFile, 'path' | 'sha256' | 'bytes' | 'rows'>;

/** A dataset version: the Merkle root over the files in order of their paths, whatever order they are given in. */
export function versionOf(files: readonly Leaf[]): Digest {
  const leaves = [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256, bytes, rows }) => Buffer.from(canonicalJson({ path, sha256, bytes, rows })));
  return merkleRoot(leaves);
}

type Named = Pick<Manifest, 'workspace' | 'dataset'>;

/** The key of a manifest's file in the curated zone. */
export const curatedKey = ({ workspace, dataset }: Named, file: Pick<ManifestFile, 'path'>): string =>
  `${workspace}/${dataset}/${file.path}`;
/** `folder`: the calendar unit's, such as `month=2001-03`. */
export const filePath = (split: SplitName, sha256: Digest, folder?: string): string =>
  [split, folder, `${hexOf(sha256)}.parquet`].filter((part) => part !== undefined).join('/');
/** The key names the version and the manifest's own digest: whoever writes it writes the same, whoever reads it can tell. */
export const manifestKey = ({ workspace, dataset }: Named, version: Digest, bytes: string): string =>
  `${workspace}/${dataset}/manifests/${hexOf(version)}/${hexOf(digestOf(bytes))}.json`;
export const profileKey = ({ workspace, dataset }: Named, version: Digest): string =>
  `${workspace}/${dataset}/profiles/${hexOf(version)}.json`;
/** The key names the report's content too: of two workers at one file, each leaves its own, and the one that commits its key. */
export const qualityKey = ({ workspace, dataset }: Named, uploadId: string, bytes: string): string =>
  `${workspace}/${dataset}/quality/${uploadId}-${hexOf(digestOf(bytes)).slice(0, 16)}.json`;

/**
 * The manifest of a dataset version, proved to be it: its bytes are those that its key names, and the root over its
 * files is the version. A file's own bytes are the reader's to check against `sha256`.
 * @throws ManifestDamaged when it is missing or another one
 */
export async function readManifest(curated: ObjectStore, fact: DatasetVersionFact): Promise<Manifest> {
  const bytes = await curated.get(fact.manifestKey);
  const refuse = (reason: string, cause?: unknown) =>
    DataErrors.ManifestDamaged(`manifest of ${fact.dataset} ${fact.version}: ${reason}`, { cause });
  if (!bytes) throw refuse(`there is no ${fact.manifestKey}`);
  const digest = digestOf(bytes);
  if (!fact.manifestKey.endsWith(`/${hexOf(digest)}.json`)) throw refuse(`got ${digest} at ${fact.manifestKey}`);
  const manifest = Manifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  const root = versionOf(manifest.files);
  if (root !== fact.version) throw refuse(`its files give ${root}`);
  return manifest;
}
