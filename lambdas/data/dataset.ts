import { commit, factKey, ref } from '../lineage/contract.ts';
import { canonicalJson, digestOfJson } from '../shared/digest.ts';
import { retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Table, type Value } from '../shared/table.ts';
import { type DatasetHead, headOf, headWrite, specOf } from './dataset-head.ts';
import { catalogueRows } from './dataset-search.ts';
import { type DatasetSpec, shapeOf } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { datasetRow } from './expired-versions.ts';
import { parseDatasetSpec } from './spec-text.ts';
import { datasetRef, datasetVersion } from './versions.ts';

export interface DatasetToCreate {
  workspace: string;
  dataset: string;
  /** YAML. */
  text: string;
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
}

/**
 * Makes a dataset, or gives an existing one a new spec for its next uploads. The same spec again changes nothing.
 * @throws DatasetSpecInvalid
 * @throws DatasetShapeFixed when versions exist and types, roles, units or the split would change
 * @throws DatasetContended when others changed it at every attempt
 */
export async function createDataset(table: Table, request: DatasetToCreate): Promise<DatasetHead> {
  const spec = parseDatasetSpec(request.text);
  if (spec.dataset !== request.dataset) {
    throw DataErrors.DatasetSpecInvalid(`spec: dataset: got ${spec.dataset}, the request is for ${request.dataset}`);
  }
  const write = async () => {
    try {
      return await writeSpec(table, request, spec);
    } catch (error) {
      if (!(error instanceof ConditionUnmet)) throw error;
      throw DataErrors.DatasetContended(`dataset ${request.dataset} changed while its spec was written`, {
        cause: error,
      });
    }
  };
  return retrying(write, (error) => error instanceof Error && error.name === 'DatasetContended');
}

async function writeSpec(
  table: Table,
  { workspace: ws, dataset, actor, at }: DatasetToCreate,
  spec: DatasetSpec,
): Promise<DatasetHead> {
  const digest = digestOfJson(spec);
  const before = await headOf(table, ws, dataset);
  if (before?.spec === digest) return before;
  if (before && before.number > 0) checkShape(await specOf(table, ws, before.spec), spec, before);
  const next = before ? { ...before, spec: digest } : { dataset, spec: digest, number: 0, latest: null, createdAt: at };
  const latest = next.latest ? await datasetVersion(table, ws, dataset, next.latest) : undefined;
  const subject = datasetRef(ws, dataset);
  const key = factKey(ref('spec', ws, digest));
  await commit(table, {
    facts: [
      headWrite(ws, before, next),
      ...catalogueRows(ws, next, spec, latest),
      { put: { ...key, kind: 'dataset', digest, spec: spec as unknown as Value } },
      datasetRow(ws, dataset),
    ],
    entry: {
      subject,
      action: before ? 'dataset-spec-changed' : 'dataset-created',
      at,
      actor,
      detail: { dataset, spec: digest, owner: spec.owner },
    },
  });
  return next;
}

function checkShape(before: DatasetSpec, after: DatasetSpec, { dataset, number }: DatasetHead): void {
  const [old, wanted] = [shapeOf(before), shapeOf(after)];
  if (canonicalJson(old) === canonicalJson(wanted)) return;
  const names = new Set([...Object.keys(old.columns), ...Object.keys(wanted.columns)]);
  const changed = [...names].filter(
    (name) => canonicalJson(old.columns[name] ?? null) !== canonicalJson(wanted.columns[name] ?? null),
  );
  const what = changed.length > 0 ? `columns.${changed.join(', columns.')}` : 'split';
  throw DataErrors.DatasetShapeFixed(
    `spec: ${what}: differs from what the ${number} versions of ${dataset} were written with; another shape is another dataset`,
  );
}
