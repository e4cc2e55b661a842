import type { Clock } from '../shared/clock.ts';
import type { NewId } from '../shared/ids.ts';
import type { Table } from '../shared/table.ts';
import type { Upload } from './contract.ts';
import { requireDataset } from './dataset-head.ts';
import { checkFileSize } from './file-size.ts';
import { ingestionWrite } from './ingestion.ts';
import type { PresignPut } from './ports.ts';
import { rawKey } from './raw-key.ts';

export interface UploadDeps {
  table: Table;
  presign: PresignPut;
  clock: Clock;
  newId: NewId;
}

export interface UploadToCreate {
  workspace: string;
  dataset: string;
  fileName: string;
  bytes: number;
}

/** Long enough to begin a large upload, short enough that a URL in a log is soon worth nothing. */
const EXPIRES_SECONDS = 900;

/**
 * Announces a file: gives the URL to put it to, and an ingestion that waits for it.
 * @throws DatasetMissing, FileNameInvalid, FileZeroBytes, FileTooLarge
 */
export async function createUpload(
  { table, presign, clock, newId }: UploadDeps,
  { workspace, dataset, fileName, bytes }: UploadToCreate,
): Promise<Upload> {
  await requireDataset(table, workspace, dataset);
  checkFileSize(bytes);
  const now = clock();
  const uploadId = newId();
  const key = rawKey({ workspace, dataset, uploadId, fileName }, now);
  const { url, headers } = await presign(key, bytes, EXPIRES_SECONDS);
  const at = now.toISOString();
  await table.transact([
    ingestionWrite(workspace, undefined, {
      uploadId,
      dataset,
      status: 'waiting',
      fileName,
      key,
      bytes,
      createdAt: at,
      updatedAt: at,
    }),
  ]);
  const expiresAt = new Date(now.getTime() + EXPIRES_SECONDS * 1000).toISOString();
  return { uploadId, url, method: 'PUT', headers, key, expiresAt };
}
