import {
  allHeads,
  type ModelFact,
  readTaggedVersions,
  showModel,
  showTaggedVersion,
  tagsOfModels,
} from '../registry/contract.ts';
import type { Table } from '../shared/table.ts';
import {
  latestNumbers,
  type ModelVersionEntity,
  modelEntity,
  type RegisteredModelEntity,
  versionEntity,
} from './registry-entities.ts';

interface NamedVersion {
  workspace: string;
  model: string;
  version: number;
}

/** @throws ModelMissing @throws ModelVersionMissing */
export async function showVersionEntity(table: Table, named: NamedVersion): Promise<ModelVersionEntity> {
  const { head, fact, tags } = await showTaggedVersion(table, named);
  return versionEntity(head, fact, tags);
}

/** @throws ModelMissing */
export async function showModelEntity(table: Table, workspace: string, model: string): Promise<RegisteredModelEntity> {
  const { head } = await showModel(table, workspace, model);
  return (await modelEntities(table, workspace, [head]))[0] as RegisteredModelEntity;
}

/** Models with tags and the newest version of each stage: two reads more, however many models. */
export async function modelEntities(
  table: Table,
  workspace: string,
  heads: readonly ModelFact[],
): Promise<RegisteredModelEntity[]> {
  const named = heads.flatMap((head) => latestNumbers(head).map((version) => ({ head, model: head.model, version })));
  const [tags, versions] = await Promise.all([
    tagsOfModels(table, workspace, heads),
    readTaggedVersions(table, workspace, named),
  ]);
  return heads.map((head, i) => {
    const latest = latestNumbers(head).flatMap((version) => {
      const found = versions.get(`${head.model}/${version}`);
      return found ? [versionEntity(head, found.fact, found.tags)] : [];
    });
    return modelEntity(head, tags[i] ?? {}, latest);
  });
}

/** The newest version of each of these stages. @throws ModelMissing */
export async function latestEntities(
  table: Table,
  workspace: string,
  model: string,
  stages: readonly string[],
): Promise<ModelVersionEntity[]> {
  const { head } = await showModel(table, workspace, model);
  return versionEntities(
    table,
    workspace,
    latestNumbers(head, stages).map((version) => ({ head, model, version })),
  );
}

/** These versions in this order; what was deleted in this moment is left out. */
export async function versionEntities(
  table: Table,
  workspace: string,
  named: readonly { head: ModelFact; model: string; version: number }[],
): Promise<ModelVersionEntity[]> {
  const versions = await readTaggedVersions(table, workspace, named);
  return named.flatMap(({ head, model, version }) => {
    const found = versions.get(`${model}/${version}`);
    return found ? [versionEntity(head, found.fact, found.tags)] : [];
  });
}

/** Heads by name; only these are read. */
export const headsOf = (table: Table, workspace: string, names?: readonly string[]) =>
  allHeads(table, workspace, names);
