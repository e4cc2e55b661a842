import { type Edge, parseRef, partitionOf, type Ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Table, Write } from '../shared/table.ts';
import { requireReadable } from './resolve-version.ts';
import { stateCheck, versionState } from './version-state.ts';
import { type DatasetVersionFact, datasetVersionRef } from './versions.ts';

/**
 * What comes after a version without needing its files: versions that were made from it have files of their own, or
 * share them, and shared files stay.
 */
const NO_USE = new Set(['dataset', 'dataset-version', 'dvc-pointer', 'ingestion', 'raw-object']);

/** The runs, bundles and other things that lineage says read a version: they cannot be repeated without it. */
export async function usesOf(table: Table, ws: string, dataset: string, version: Digest): Promise<Ref[]> {
  const edges = await table.query(partitionOf(datasetVersionRef(ws, dataset, version)), { prefix: 'in#' });
  const users = edges.map((edge) => (edge as unknown as Edge).from);
  return [...new Set(users)].filter((user) => !NO_USE.has(parseRef(user)?.kind ?? ''));
}

/**
 * To be written together with an edge to a version: it holds as long as nothing about the version has changed, so that
 * nothing comes to use one which is being deleted.
 * @throws DatasetVersionDeleted
 */
export async function useCheck(table: Table, ws: string, fact: DatasetVersionFact): Promise<Write> {
  const state = await versionState(table, ws, fact.dataset, fact);
  requireReadable({ ...fact, ...(state.deletion && { deleted: state.deletion }) });
  return stateCheck(ws, fact.dataset, state);
}
