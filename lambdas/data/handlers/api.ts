import { api } from '../../shared/api.ts';
import { createDatasetEndpoint } from './create-dataset.ts';
import { createUploadEndpoint } from './create-upload.ts';
import { listVersionsEndpoint } from './list-versions.ts';
import { showAgreementEndpoint } from './show-agreement.ts';
import { showConsensusEndpoint } from './show-consensus.ts';
import { showCorrectionsEndpoint } from './show-corrections.ts';
import { showDatasetEndpoint } from './show-dataset.ts';
import { showIngestionEndpoint } from './show-ingestion.ts';
import { showProfileEndpoint } from './show-profile.ts';
import { showVersionEndpoint } from './show-version.ts';

export const handler = api([
  createDatasetEndpoint,
  showDatasetEndpoint,
  createUploadEndpoint,
  showIngestionEndpoint,
  listVersionsEndpoint,
  showVersionEndpoint,
  showProfileEndpoint,
  showAgreementEndpoint,
  showConsensusEndpoint,
  showCorrectionsEndpoint,
]).lambda();
