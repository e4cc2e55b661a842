import { errorCatalogue } from '../shared/errors.ts';

/** What a trainer refuses. All of them are answers about the data or the spec, so no retry helps. */
export const FitErrors = errorCatalogue({
  /** No feature, no row, or columns of unequal length. */
  TrainingTableMalformed: 'invalid',
  /** A feature is NaN, infinite, or beyond float32, which is what the endpoint receives. */
  TrainingFeatureNotFinite: 'invalid',
  /** A label is neither 0 nor 1, or all labels are equal. */
  TrainingLabelsUnusable: 'invalid',
  /** A parameter of the trainer is outside its range. */
  TrainingParameterInvalid: 'invalid',
  /** Without a penalty the best coefficients are infinite. */
  TrainingLabelsSeparated: 'invalid',
  /** The iteration cap was reached. */
  TrainingNotConverged: 'invalid',
  /** Labels or scores that no metric can judge. */
  EvaluationInputInvalid: 'invalid',
  /** A feature's name cannot be the name of an ONNX input. */
  ModelFeatureNameInvalid: 'invalid',
});
