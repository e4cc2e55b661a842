import { api } from '../../shared/api.ts';
import { createDatasetEndpoint } from './create-dataset.ts';
import { createUploadEndpoint } from './create-upload.ts';
import { listVersionsEndpoint } from './list-versions.ts';
import { sendRecordsEndpoint } from './send-records.ts';
import { showDatasetEndpoint } from './show-dataset.ts';
import { showIngestionEndpoint } from './show-ingestion.ts';
import { showProfileEndpoint } from './show-profile.ts';
import { showQualityEndpoint } from './show-quality.ts';
import { showUploadQualityEndpoint } from './show-upload-quality.ts';
import { showVersionEndpoint } from './show-version.ts';

export const handler = api([
  createDatasetEndpoint,
  showDatasetEndpoint,
  createUploadEndpoint,
  showIngestionEndpoint,
  listVersionsEndpoint,
  showVersionEndpoint,
  showProfileEndpoint,
  showQualityEndpoint,
  showUploadQualityEndpoint,
  sendRecordsEndpoint,
]).lambda();
