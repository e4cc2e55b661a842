import { errorCatalogue } from '../shared/errors.ts';

export const MonitoringErrors = errorCatalogue({
  EndpointUnwatched: 'missing',
  CheckMissing: 'missing',
  AlarmUnreadable: 'invalid',
  BaselineUnusable: 'invalid',
  RowsContended: 'conflict',
  DecisionContended: 'conflict',
});
