import { factKey } from '../lineage/contract.ts';
import type { Item, Table } from '../shared/table.ts';
import { type ModelFact, type ModelHead, type ModelVersionFact, versionRef } from './model.ts';
import { isGone } from './number-ranges.ts';
import { allHeads } from './registered-model.ts';
import { updatedAt } from './stage.ts';
import { allTags, ownerOfVersion } from './tags.ts';
import { type VersionRow, versionRows } from './version-index.ts';

/** A version as far as a search sees it without reading the version itself. */
export interface FoundVersion extends VersionRow {
  head: ModelFact;
  /** The later of its own last change and that of its stage. */
  changedAt: string;
}

/**
 * Versions that exist, by their rows: a model's, a run's, or the workspace's. Costs what the rows cost (some 300 bytes
 * each) and the models' heads; only versions of before there was an index are read themselves.
 */
export async function findVersions(
  table: Table,
  workspace: string,
  given: { models?: readonly string[]; runId?: string } = {},
): Promise<FoundVersion[]> {
  const { models, runId } = given;
  const rows =
    models && runId === undefined
      ? (await Promise.all(models.map((model) => versionRows(table, workspace, { model })))).flat()
      : await versionRows(table, workspace, { runId });
  const names = models ?? (runId === undefined ? undefined : rows.map(({ model }) => model));
  const heads = new Map((await allHeads(table, workspace, names)).map((head) => [head.model, head]));
  const old = await unindexed(table, workspace, [...heads.values()], runId);
  // A run's rows say only which versions they are.
  const full = runId === undefined ? rows : await readVersions(table, workspace, rows);
  const found = new Map([...old, ...full].map((row) => [`${row.model}/${row.version}`, row]));
  return [...found.values()].flatMap((row) => {
    const head = heads.get(row.model);
    return head && !isGone(head.gone, row.version) ? [{ ...row, head, changedAt: updatedAt(row, head) }] : [];
  });
}

/** Versions of before there was an index; a run of a training knew none of MLflow's. */
async function unindexed(
  table: Table,
  workspace: string,
  heads: readonly ModelHead[],
  runId: string | undefined,
): Promise<VersionRow[]> {
  if (runId !== undefined) return [];
  const named = heads.flatMap(({ model, latestVersion, indexedFrom = latestVersion + 1, gone }) =>
    Array.from({ length: indexedFrom - 1 }, (_, i) => ({ model, version: i + 1 })).filter(
      ({ version }) => !isGone(gone, version),
    ),
  );
  return readVersions(table, workspace, named);
}

/** The facts of these versions, of those that are there; in no order. */
async function readVersions(
  table: Table,
  workspace: string,
  named: readonly { model: string; version: number }[],
): Promise<ModelVersionFact[]> {
  if (named.length === 0) return [];
  const keys = named.map(({ model, version }) => factKey(versionRef(workspace, model, version)));
  const items = (await table.getMany(keys)) as Item[];
  return items.map(({ pk: _pk, sk: _sk, ...fact }) => fact as unknown as ModelVersionFact);
}

/** Versions with all their tags, by `<model>/<version>`. */
export async function readTaggedVersions(
  table: Table,
  workspace: string,
  named: readonly { model: string; version: number }[],
): Promise<Map<string, { fact: ModelVersionFact; tags: Record<string, string> }>> {
  const facts = await readVersions(table, workspace, named);
  const things = facts.map((thing) => ({ owner: ownerOfVersion(thing.model, thing.version), thing }));
  const tags = await allTags(table, workspace, things);
  return new Map(facts.map((fact, i) => [`${fact.model}/${fact.version}`, { fact, tags: tags[i] ?? {} }]));
}
