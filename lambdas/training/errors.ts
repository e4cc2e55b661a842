import { errorCatalogue } from '../shared/errors.ts';

export const TrainingErrors = errorCatalogue({
  /** The spec's text is no YAML. */
  SpecNotYaml: 'invalid',
  /** The spec has a key that no rule knows. */
  SpecKeyUnknown: 'invalid',
  /** The spec lacks a field that it must have, such as `target`. */
  SpecFieldMissing: 'invalid',
  /** A field of the spec has a value that its rule refuses. */
  SpecFieldInvalid: 'invalid',
  /** The spec is about another model than the request. */
  SpecModelMismatch: 'invalid',
  /** The spec names a column that the dataset has not, or one of a type that cannot serve. */
  SpecColumnInvalid: 'invalid',
  /** The spec's training script was not sent with it, or is another one than the spec pins. */
  SpecScriptInvalid: 'invalid',
  /** The spec names a dataset that does not exist. */
  SpecDatasetMissing: 'missing',
  /** Others applied a spec for the same model at the same moment. */
  SpecContended: 'conflict',
  /** No spec was applied for the model. */
  SpecMissing: 'missing',
  /** The dataset has no version, or not the one asked for. */
  TrainingDatasetMissing: 'missing',
  RunMissing: 'missing',
  /** The dedupe key belongs to a run that was asked for differently. */
  RunDedupeReused: 'conflict',
  /** Another writer changed the run first. */
  RunMoved: 'conflict',
  /** The dataset has not the rows that training or judging takes, or rows that contradict each other. */
  TrainingRowsUnusable: 'invalid',
  /** What a training script left is not one readable model. */
  TrainingOutputInvalid: 'invalid',
  /** A version made with a client has no model that the platform may open. */
  CandidateUnusable: 'invalid',
  /** The training script ended with an error. */
  TrainingScriptFailed: 'invalid',
  /** The exported model and the trained one disagree on real rows. */
  ParityBroken: 'unexpected',
  /** A step finds nothing of what the step before it wrote. */
  StepOutputMissing: 'unexpected',
  /** The workflow service did not take the execution. */
  ExecutionRefused: 'unavailable',
});
