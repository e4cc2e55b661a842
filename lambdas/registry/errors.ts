import { errorCatalogue } from '../shared/errors.ts';

export const RegistryErrors = errorCatalogue({
  ModelMissing: 'missing',
  ModelVersionMissing: 'missing',
  ModelNameInvalid: 'invalid',
  AliasInvalid: 'invalid',
  AliasReserved: 'invalid',
  AliasMissing: 'invalid',
  ModelExists: 'exists',
  ModelInUse: 'invalid',
  ModelTooLarge: 'invalid',
  ModelVersionInUse: 'invalid',
  ModelVersionInvalid: 'invalid',
  ModelTagInvalid: 'invalid',
  StageInvalid: 'invalid',
  RegistrationInvalid: 'invalid',
  TokenReused: 'conflict',
  ModelContended: 'conflict',
  BundleManifestInvalid: 'invalid',
  BundleMissing: 'missing',
  BundleTampered: 'invalid',
  BundleSignatureInvalid: 'invalid',
});
