import * as z from 'zod';
import type { Digest } from '../shared/digest.ts';
import type { Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';
import { isTag, TAG_RULE, tagPointer } from './version-tag.ts';
import { type DatasetVersionFact, datasetVersion, latestDatasetVersion, numberedDatasetVersion } from './versions.ts';

const NUMBER = /^[1-9]\d{0,11}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** How a version is named wherever one is: its digest, its number, a tag of its dataset, or `latest`. */
export const VersionName = z
  .string()
  .refine(
    (text) => text === 'latest' || NUMBER.test(text) || DIGEST.test(text) || isTag(text),
    `a version is sha256:<64 hex>, its number, latest, or a tag; ${TAG_RULE}`,
  );

interface NamedVersion {
  workspace: string;
  dataset: string;
  version: string;
}

/**
 * The version of that name, also a deleted one.
 * @throws DatasetVersionMissing
 */
export async function anyVersion(
  table: Table,
  { workspace, dataset, version }: NamedVersion,
): Promise<DatasetVersionFact> {
  const found = await lookUp(table, workspace, dataset, version);
  if (found) return found;
  throw DataErrors.DatasetVersionMissing(`version: got ${version}, dataset ${dataset} has no such version`);
}

/**
 * The version of that name, to be read.
 * @throws DatasetVersionMissing, DatasetVersionDeleted
 */
export async function requireVersion(table: Table, named: NamedVersion): Promise<DatasetVersionFact> {
  const fact = await anyVersion(table, named);
  requireReadable(fact);
  return fact;
}

/** @throws DatasetVersionDeleted, which says since when and why */
export function requireReadable({ dataset, version, number, deleted }: DatasetVersionFact): void {
  if (!deleted) return;
  throw DataErrors.DatasetVersionDeleted(
    `version: ${dataset} version ${number} (${version}) was deleted at ${deleted.at} by ${deleted.by}: ${deleted.reason}`,
  );
}

async function lookUp(table: Table, ws: string, dataset: string, version: string) {
  if (version === 'latest') return latestDatasetVersion(table, ws, dataset);
  if (version.startsWith('sha256:')) return datasetVersion(table, ws, dataset, version as Digest);
  if (NUMBER.test(version)) return numberedDatasetVersion(table, ws, dataset, Number(version));
  const { number } = await tagPointer(table, ws, dataset, version);
  return number === null ? undefined : numberedDatasetVersion(table, ws, dataset, number);
}
