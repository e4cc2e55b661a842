import { errorCatalogue } from '../shared/errors.ts';

export const ArtifactErrors = errorCatalogue({
  ArtifactPathInvalid: 'invalid',
  ArtifactMissing: 'missing',
  ArtifactLocationForeign: 'invalid',
  ArtifactFolderTooLarge: 'invalid',
  PartsInvalid: 'invalid',
  MultipartMissing: 'missing',
});
