import { derivedId } from '../shared/ids.ts';
import { WORKSPACE_NAME } from '../shared/workspace-name.ts';
import { DATASET_NAME } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';

/** Where an object of the raw zone belongs. */
export interface RawPlace {
  workspace: string;
  dataset: string;
  uploadId: string;
  fileName: string;
  key: string;
}

/** The form of `newId`. */
const UPLOAD_ID = /^[0-9a-hjkmnp-tv-z]{26}$/;
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** The file name of records of a stream, by whichever way they came. */
export const RECORDS_FILE = 'records.jsonl';

/** `<workspace>/<dataset>/<yyyy-mm-dd>/<upload id>/<file name>` */
export function rawKey({ workspace, dataset, uploadId, fileName }: Omit<RawPlace, 'key'>, at: Date): string {
  return [workspace, dataset, at.toISOString().slice(0, 10), uploadId, requireFileName(fileName)].join('/');
}

/**
 * The name as it is. One that could mean another place is refused and never cleaned: what is stored is what was asked for.
 * @throws FileNameInvalid
 */
function requireFileName(fileName: string): string {
  if (FILE_NAME.test(fileName) && !fileName.includes('..')) return fileName;
  throw DataErrors.FileNameInvalid(
    `fileName: got ${JSON.stringify(fileName.slice(0, 140))}, a file name has letters, digits, single dots, _ and -, at most 128, and no folder`,
  );
}

/**
 * What a key of the raw zone says. The first two parts name workspace and dataset; an object that was copied in by hand
 * below them, without an upload id of ours, gets one derived from its key.
 * @throws RawKeyInvalid when the key names no dataset
 */
export function parseRawKey(key: string): RawPlace {
  const parts = key.split('/');
  const [workspace = '', dataset = ''] = parts;
  const fileName = parts.at(-1) ?? '';
  if (parts.length < 3 || !WORKSPACE_NAME.test(workspace) || !DATASET_NAME.test(dataset) || fileName === '') {
    throw DataErrors.RawKeyInvalid(
      `key: got ${JSON.stringify(key.slice(0, 200))}, expected <workspace>/<dataset>/…/<file name>`,
    );
  }
  const given = parts.length === 5 && UPLOAD_ID.test(parts[3] as string) ? (parts[3] as string) : derivedId(key);
  return { workspace, dataset, uploadId: given, fileName, key };
}
