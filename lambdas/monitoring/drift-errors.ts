import { errorCatalogue } from '../shared/errors.ts';

export const DriftErrors = errorCatalogue({
  /** Counts or samples that no distance is defined for: NaN, negative, none at all, or of unequal length. */
  DriftInputInvalid: 'invalid',
});
