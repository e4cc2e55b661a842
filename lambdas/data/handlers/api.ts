import { api } from '../../shared/api.ts';
import { announceObjectsEndpoint } from './announce-objects.ts';
import { applyFeaturesEndpoint } from './apply-features.ts';
import { createDatasetEndpoint } from './create-dataset.ts';
import { createSpineEndpoint } from './create-spine.ts';
import { createUploadEndpoint } from './create-upload.ts';
import { deleteVersionEndpoint } from './delete-version.ts';
import { listFeaturesEndpoint } from './list-features.ts';
import { listFilesEndpoint } from './list-files.ts';
import { listQueryRowsEndpoint } from './list-query-rows.ts';
import { listVersionsEndpoint } from './list-versions.ts';
import { pinVersionEndpoint } from './pin-version.ts';
import { readFeaturesEndpoint } from './read-features.ts';
import { recordImportEndpoint } from './record-import.ts';
import { searchDatasetsEndpoint } from './search-datasets.ts';
import { sendRecordsEndpoint } from './send-records.ts';
import { showAgreementEndpoint } from './show-agreement.ts';
import { showConsensusEndpoint } from './show-consensus.ts';
import { showCorrectionsEndpoint } from './show-corrections.ts';
import { showDatasetEndpoint } from './show-dataset.ts';
import { showFeaturesEndpoint } from './show-features.ts';
import { showIngestionEndpoint } from './show-ingestion.ts';
import { showJoinEndpoint } from './show-join.ts';
import { showProfileEndpoint } from './show-profile.ts';
import { showQualityEndpoint } from './show-quality.ts';
import { showQueryEndpoint } from './show-query.ts';
import { showUploadQualityEndpoint } from './show-upload-quality.ts';
import { showVersionEndpoint } from './show-version.ts';
import { startJoinEndpoint } from './start-join.ts';
import { startQueryEndpoint } from './start-query.ts';
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
  showQualityEndpoint,
  showUploadQualityEndpoint,
  sendRecordsEndpoint,
  applyFeaturesEndpoint,
  listFeaturesEndpoint,
  showFeaturesEndpoint,
  readFeaturesEndpoint,
  createSpineEndpoint,
  startJoinEndpoint,
  showJoinEndpoint,
  searchDatasetsEndpoint,
  listFilesEndpoint,
  startQueryEndpoint,
  showQueryEndpoint,
  listQueryRowsEndpoint,
  showAgreementEndpoint,
  showConsensusEndpoint,
  showCorrectionsEndpoint,
  verifyVersionEndpoint,
  pinVersionEndpoint,
  unpinVersionEndpoint,
  tagVersionEndpoint,
  untagVersionEndpoint,
  deleteVersionEndpoint,
  announceObjectsEndpoint,
  recordImportEndpoint,
]).lambda();
