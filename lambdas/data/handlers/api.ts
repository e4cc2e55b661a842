import { api } from '../../shared/api.ts';
import { createDatasetEndpoint } from './create-dataset.ts';
import { createUploadEndpoint } from './create-upload.ts';
import { listFilesEndpoint } from './list-files.ts';
import { listQueryRowsEndpoint } from './list-query-rows.ts';
import { listVersionsEndpoint } from './list-versions.ts';
import { searchDatasetsEndpoint } from './search-datasets.ts';
import { showDatasetEndpoint } from './show-dataset.ts';
import { showIngestionEndpoint } from './show-ingestion.ts';
import { showProfileEndpoint } from './show-profile.ts';
import { showQueryEndpoint } from './show-query.ts';
import { showVersionEndpoint } from './show-version.ts';
import { startQueryEndpoint } from './start-query.ts';

export const handler = api([
  createDatasetEndpoint,
  showDatasetEndpoint,
  createUploadEndpoint,
  showIngestionEndpoint,
  listVersionsEndpoint,
  showVersionEndpoint,
  showProfileEndpoint,
  searchDatasetsEndpoint,
  listFilesEndpoint,
  startQueryEndpoint,
  showQueryEndpoint,
  listQueryRowsEndpoint,
]).lambda();
