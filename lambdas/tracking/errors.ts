import { errorCatalogue, httpStatus, mlflowErrorCode, type PlatformError } from '../shared/errors.ts';

export const TrackingErrors = errorCatalogue({
  RequestInvalid: 'invalid',
  ExperimentMissing: 'missing',
  ExperimentExists: 'exists',
  ExperimentInactive: 'invalid',
  RunUnknown: 'missing',
  RunInactive: 'invalid',
  RunTooLarge: 'invalid',
  ParamChanged: 'invalid',
  EntityTagMissing: 'missing',
  LoggedModelMissing: 'missing',
  TrackingContended: 'conflict',
  WorkspaceMissing: 'missing',
});

/** MLflow's code of an error; a route that is missing has one of its own, which clients look for. */
export const errorCodeOf = (error: PlatformError): string =>
  error.name === 'RouteMissing' ? 'ENDPOINT_NOT_FOUND' : mlflowErrorCode(error.kind);

/** MLflow answers 400 to what exists already. */
export const statusOf = (error: PlatformError): number => (error.kind === 'exists' ? 400 : httpStatus(error));
