import { errorCatalogue } from '../shared/errors.ts';

/** Errors of datasets, uploads and ingestion. Those of an ingestion are recorded on it: the file is then refused whole. */
export const DataErrors = errorCatalogue({
  DatasetSpecInvalid: 'invalid',
  DatasetMissing: 'missing',
  DatasetShapeFixed: 'conflict',
  DatasetContended: 'conflict',
  DatasetTooLarge: 'invalid',
  DatasetVersionMissing: 'missing',
  ManifestDamaged: 'unexpected',
  CuratedFileDamaged: 'unexpected',
  FileNameInvalid: 'invalid',
  UploadMissing: 'missing',
  RawKeyInvalid: 'invalid',
  RawObjectMissing: 'missing',
  FileZeroBytes: 'invalid',
  FileTooLarge: 'invalid',
  FileWithoutRows: 'invalid',
  CsvUnparsable: 'invalid',
  HeaderMismatch: 'invalid',
  ColumnTypeMismatch: 'invalid',
  RowsAllBroken: 'invalid',
  LabelSetMissing: 'invalid',
  LabelSetTooLarge: 'invalid',
  LabelSetUnfit: 'invalid',
  LabellingOutputInvalid: 'unexpected',
  SparkReportMissing: 'unexpected',
});
