import { errorCatalogue } from '../shared/errors.ts';

export const ServingErrors = errorCatalogue({
  // The protocol: what is wrong with a request.
  RequestUnreadable: 'invalid',
  TensorMissing: 'invalid',
  TensorUnexpected: 'invalid',
  TensorTypeInvalid: 'invalid',
  TensorShapeInvalid: 'invalid',
  TensorValueInvalid: 'invalid',
  ValueNotFinite: 'invalid',
  OutputUnknown: 'invalid',
  AnswerNotFinite: 'invalid',
  MethodNotTaken: 'invalid',
  EndpointUnknown: 'missing',
  ModelUnknown: 'missing',
  ModelVersionUnknown: 'missing',
  VersionUnbundled: 'invalid',
  // The endpoint: what is wrong with what it serves.
  NoModelLive: 'unavailable',
  BundleRefused: 'unavailable',
  BundleUnreachable: 'unavailable',
  ModelUnsupported: 'unavailable',
  // Predictions and rollouts, asked about or asked for.
  PredictionUnknown: 'missing',
  RolloutUnknown: 'missing',
  NothingToRollBackTo: 'conflict',
  NoChampion: 'conflict',
  EndpointContended: 'conflict',
  // Inside a rollout: Step Functions matches these names.
  RolloutSuperseded: 'conflict',
  RolloutStopped: 'conflict',
  RolloutGivenUp: 'unexpected',
  AliasForeign: 'conflict',
  FunctionUpdating: 'unavailable',
  FunctionMoved: 'conflict',
  AliasMoved: 'conflict',
  FunctionFailed: 'unexpected',
  GoldenUnreadable: 'invalid',
  GoldenFailed: 'conflict',
  StepRolledBack: 'conflict',
});
