import { commit, factKey, ref } from '../lineage/contract.ts';
import { derivedId } from '../shared/ids.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';
import { ingestionFact } from './ingestion.ts';
import { datasetRef, datasetVersionRef } from './versions.ts';

/** Where an imported file came from, by what DVC's pointer says. */
export interface DvcOrigin {
  /** The pointer's path below its repository, and the file's below the pointer's directory where it is one. */
  pointer: string;
  path: string;
  /** Of the file, 32 hex digits; it was compared with the bytes before they were sent. */
  md5: string;
  /** The git commit of the repository, and whether the pointer was changed since; absent without git. */
  commit?: string;
  dirty?: boolean;
}

interface Import {
  workspace: string;
  dataset: string;
  uploadId: string;
  origin: DvcOrigin;
  actor: string;
  at: string;
}

/**
 * Says of an upload that has ended well which DVC pointer it came from: an edge from the version, and a ledger entry.
 * The same again is said once.
 * @throws UploadMissing, ImportUnfinished
 */
export async function recordImport(
  table: Table,
  { workspace: ws, dataset, uploadId, origin, actor, at }: Import,
): Promise<{ pointer: string; version: string }> {
  const ingestion = await ingestionFact(table, ws, dataset, uploadId);
  if (!ingestion) throw DataErrors.UploadMissing(`uploadId: got ${uploadId}, dataset ${dataset} has no such upload`);
  const { status, version, number } = ingestion;
  if (status !== 'succeeded' || !version || number === undefined)
    throw DataErrors.ImportUnfinished(`uploadId: got ${uploadId}, which is ${status} and in no version`);
  const id = derivedId('dvc', dataset, version, origin.pointer, origin.path, origin.md5, origin.commit ?? '');
  const pointer = ref('dvc-pointer', ws, `${dataset}/${id}`);
  const { pointer: file, path, md5, commit: gitCommit, dirty } = origin;
  const said = { pointer: file, path, md5, commit: gitCommit ?? null, dirty: dirty ?? null };
  try {
    await commit(table, {
      facts: [{ put: { ...factKey(pointer), ...said, dataset }, when: { absent: true } }],
      edges: [{ from: datasetVersionRef(ws, dataset, version), relation: 'derived-from', to: pointer }],
      entry: {
        subject: datasetRef(ws, dataset),
        action: 'dataset-version-imported',
        at,
        actor,
        detail: { dataset, number, version, uploadId, ...said },
      },
    });
  } catch (error) {
    // It was said before.
    if (!(error instanceof ConditionUnmet)) throw error;
  }
  return { pointer, version };
}
