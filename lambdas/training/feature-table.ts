import { FitErrors } from './fit-errors.ts';

/** Numeric features, one array a column, in the order of the model's signature. */
export interface FeatureTable {
  readonly names: readonly string[];
  /** Column-major: `columns[j][i]` is feature j of row i. */
  readonly columns: readonly Float64Array[];
}

/** The number of rows. @throws TrainingTableMalformed for no column, no row or unequal columns. */
export function rowsOf({ names, columns }: FeatureTable): number {
  if (columns.length === 0) throw FitErrors.TrainingTableMalformed('features: got none, expected at least one');
  if (names.length !== columns.length) {
    throw FitErrors.TrainingTableMalformed(`features: got ${columns.length} columns for ${names.length} names`);
  }
  const rows = columns[0]!.length;
  if (rows === 0) throw FitErrors.TrainingTableMalformed('rows: got 0, expected at least 1');
  for (const [j, column] of columns.entries()) {
    if (column.length !== rows) {
      throw FitErrors.TrainingTableMalformed(
        `feature ${names[j]}: got ${column.length} rows, expected ${rows} as in ${names[0]}`,
      );
    }
  }
  return rows;
}

/** Refuses labels other than 0 and 1, and labels of one class only. @throws TrainingLabelsUnusable */
export function requireBinaryLabels(labels: ArrayLike<number>, rows: number): void {
  if (labels.length !== rows) {
    throw FitErrors.TrainingLabelsUnusable(`labels: got ${labels.length}, expected ${rows}, one a row`);
  }
  let positives = 0;
  for (let i = 0; i < rows; i++) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1) {
      throw FitErrors.TrainingLabelsUnusable(`label of row ${i}: got ${label}, expected 0 or 1`);
    }
    positives += label;
  }
  if (positives === 0 || positives === rows) {
    throw FitErrors.TrainingLabelsUnusable(`labels: all ${rows} are ${positives ? 1 : 0}, expected both classes`);
  }
}
