import { errorCatalogue } from '../shared/errors.ts';

export const SearchErrors = errorCatalogue({
  SearchFilterInvalid: 'invalid',
  SearchOrderInvalid: 'invalid',
  PageTokenInvalid: 'invalid',
  MaxResultsInvalid: 'invalid',
  SearchTooWide: 'invalid',
});
