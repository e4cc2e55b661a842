import { commit, factKey, ref } from '../lineage/contract.ts';
import { digestOfJson } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import { retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Item, type Table, type Value, type Write } from '../shared/table.ts';
import { requireDataset, specOf } from './dataset-head.ts';
import { curatedColumns, type DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import type { NamedSet } from './feature-answers.ts';
import { FEATURES_APPLIED } from './feature-routes.ts';
import { directoryKey, type FeatureSetHead, featureSetOf, featureSetRef, featureSpecOf } from './feature-set.ts';
import type { FeatureSpec } from './feature-spec.ts';
import { checkColumns, parseFeatureSpec } from './feature-text.ts';
import { datasetRef } from './versions.ts';

/** Reads the SQL of a spec; gives what is wrong with it, each as `features.<name>.sql: …`. */
export type CheckSql = (request: {
  spec: FeatureSpec;
  columns: DatasetSpec['columns'];
}) => Promise<{ problems: string[] }>;

export interface ApplyDeps {
  table: Table;
  checkSql: CheckSql;
}
export interface FeaturesToApply extends NamedSet {
  /** YAML. */
  text: string;
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
}

/**
 * Makes a feature set, or gives an existing one another definition, which is materialised from then on. The same again
 * changes nothing.
 * @throws FeatureSpecInvalid, DatasetMissing
 * @throws FeatureSetFixed when the set would be of another dataset, entity or time
 * @throws FeatureSetContended when others changed it at every attempt
 */
export async function applyFeatures({ table, checkSql }: ApplyDeps, request: FeaturesToApply): Promise<FeatureSetHead> {
  const { workspace, set } = request;
  const spec = parseFeatureSpec(request.text);
  if (spec.set !== set) throw DataErrors.FeatureSpecInvalid(`spec: set: got ${spec.set}, the request is for ${set}`);
  const dataset = await requireDataset(table, workspace, spec.dataset);
  const of = await specOf(table, workspace, dataset.spec);
  checkColumns(spec, of);
  const { problems } = await checkSql({ spec, columns: curatedColumns(of.columns) });
  if (problems.length > 0) throw DataErrors.FeatureSpecInvalid(`spec: ${problems.join('; ')}`);
  const write = async () => {
    try {
      return await writeFeatures(table, request, spec);
    } catch (error) {
      if (!(error instanceof ConditionUnmet)) throw error;
      throw DataErrors.FeatureSetContended(`feature set ${set} changed while its definition was written`, {
        cause: error,
      });
    }
  };
  return retrying(write, (error) => error instanceof Error && error.name === 'FeatureSetContended');
}

async function writeFeatures(
  table: Table,
  { workspace, set, actor, at }: FeaturesToApply,
  spec: FeatureSpec,
): Promise<FeatureSetHead> {
  const definition = digestOfJson(spec);
  const before = await featureSetOf(table, { workspace, set });
  if (before?.definition === definition) return before;
  if (before) checkIdentity(await featureSpecOf(table, workspace, before.definition), spec);
  const revision = (before?.revision ?? 0) + 1;
  const { dataset } = spec;
  const next: FeatureSetHead = {
    set,
    dataset,
    definition,
    revision,
    createdAt: before?.createdAt ?? at,
    appliedAt: at,
  };
  const thing = featureSetRef(workspace, set);
  const stored = ref('spec', workspace, definition);
  const head: Write = {
    put: { ...factKey(thing), ...next } as Item,
    when: before ? { equals: { revision: before.revision } } : { absent: true },
  };
  await commit(table, {
    facts: [
      head,
      { put: { ...factKey(stored), kind: 'features', digest: definition, spec: spec as unknown as Value } },
      { put: { ...directoryKey(workspace, set), workspace, set, dataset } },
    ],
    edges: [
      { from: thing, relation: 'derived-from', to: stored },
      { from: thing, relation: 'read', to: datasetRef(workspace, dataset) },
    ],
    entry: {
      subject: datasetRef(workspace, dataset),
      action: 'features-applied',
      at,
      actor,
      detail: { set, definition, revision, owner: spec.owner },
    },
    event: {
      id: derivedId(FEATURES_APPLIED, workspace, set, String(revision)),
      workspace,
      domain: 'data',
      type: FEATURES_APPLIED,
      detail: { set, dataset, definition },
    },
  });
  return next;
}

/** Rows of the online table are found by their entity, and are as new as their dataset's version. */
function checkIdentity(before: FeatureSpec, after: FeatureSpec): void {
  for (const field of ['dataset', 'entity', 'timestamp'] as const) {
    const [was, wanted] = [String(before[field]), String(after[field])];
    if (was !== wanted)
      throw DataErrors.FeatureSetFixed(
        `spec: ${field}: got ${wanted}, set ${before.set} is of ${was}; features of something else are another set`,
      );
  }
}
