import type { Item, Key, Table, Value, Write } from '../shared/table.ts';
import { type ModelVersionFact, PROMPT_TAG } from './model.ts';

/** What a search for versions reads first: everything that it filters and orders by but the tags. */
export interface VersionRow {
  model: string;
  version: number;
  runId?: string;
  source?: string;
  registeredAt: string;
  updatedAt?: string;
  /** The tag that tells prompts from models: every search that does not say otherwise asks for it. */
  prompt?: string;
}

/** A model's name has no slash, so that no other model's rows begin with it. */
const sortKey = (model: string, version: number) => `${model}/${String(version).padStart(9, '0')}`;
const rowKey = (workspace: string, { model, version }: VersionRow): Key => ({
  pk: `${workspace}#model-versions#all`,
  sk: sortKey(model, version),
});
/** A run shows the versions that were made of it. */
const runKey = (workspace: string, { model, version, runId }: VersionRow): Key | undefined =>
  runId ? { pk: `${workspace}#model-versions#run#${runId}`, sk: sortKey(model, version) } : undefined;

const rowOf = ({ model, version, runId, source, registeredAt, updatedAt, tags }: ModelVersionFact): VersionRow => ({
  model,
  version,
  registeredAt,
  ...(runId !== undefined && { runId }),
  ...(source !== undefined && { source }),
  ...(updatedAt !== undefined && { updatedAt }),
  ...(tags[PROMPT_TAG] !== undefined && { prompt: tags[PROMPT_TAG] }),
});

/** The rows of a version, in the transaction that makes or changes it. */
export function indexWrites(workspace: string, fact: ModelVersionFact): Write[] {
  const row = rowOf(fact);
  const byRun = runKey(workspace, row);
  const item = row as unknown as Record<string, Value>;
  return [
    { put: { ...item, ...rowKey(workspace, row) } as Item },
    ...(byRun ? [{ put: { ...byRun, model: row.model, version: row.version } }] : []),
  ];
}

export function unindexWrites(workspace: string, fact: ModelVersionFact): Write[] {
  const row = rowOf(fact);
  const byRun = runKey(workspace, row);
  return [{ remove: rowKey(workspace, row) }, ...(byRun ? [{ remove: byRun }] : [])];
}

const asRow = ({ pk: _pk, sk: _sk, ...row }: Item): VersionRow => row as unknown as VersionRow;

/** The rows of one model, or of all, or those of one run; deleted versions may be among them. */
export async function versionRows(
  table: Table,
  workspace: string,
  { model, runId }: { model?: string; runId?: string } = {},
): Promise<VersionRow[]> {
  const pk = runId === undefined ? `${workspace}#model-versions#all` : `${workspace}#model-versions#run#${runId}`;
  return (await table.query(pk, model === undefined ? {} : { prefix: `${model}/` })).map(asRow);
}
