import { errorCatalogue } from '../shared/errors.ts';

export const LineageErrors = errorCatalogue({
  ThingUnknown: 'missing',
  LedgerContended: 'conflict',
  EventRefused: 'unavailable',
});
