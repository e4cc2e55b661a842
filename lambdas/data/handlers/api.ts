import { api } from '../../shared/api.ts';
import { announceObjectsEndpoint } from './announce-objects.ts';
import { createDatasetEndpoint } from './create-dataset.ts';
import { createUploadEndpoint } from './create-upload.ts';
import { deleteVersionEndpoint } from './delete-version.ts';
import { listVersionsEndpoint } from './list-versions.ts';
import { pinVersionEndpoint } from './pin-version.ts';
import { recordImportEndpoint } from './record-import.ts';
import { showDatasetEndpoint } from './show-dataset.ts';
import { showIngestionEndpoint } from './show-ingestion.ts';
import { showProfileEndpoint } from './show-profile.ts';
import { showVersionEndpoint } from './show-version.ts';
import { tagVersionEndpoint } from './tag-version.ts';
import { unpinVersionEndpoint } from './unpin-version.ts';
import { untagVersionEndpoint } from './untag-version.ts';
import { verifyVersionEndpoint } from './verify-version.ts';

export const handler = api([
  createDatasetEndpoint,
  showDatasetEndpoint,
  createUploadEndpoint,
  showIngestionEndpoint,
  listVersionsEndpoint,
  showVersionEndpoint,
  showProfileEndpoint,
  verifyVersionEndpoint,
  pinVersionEndpoint,
  unpinVersionEndpoint,
  tagVersionEndpoint,
  untagVersionEndpoint,
  deleteVersionEndpoint,
  announceObjectsEndpoint,
  recordImportEndpoint,
]).lambda();
