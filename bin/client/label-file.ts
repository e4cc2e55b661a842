import { stat } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Correction, DatasetSpec } from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';

type Labels = NonNullable<DatasetSpec['labels']>;

/** One request takes so many; a file with more is put without being looked at first. */
const MOST_CORRECTIONS = 10_000;

/**
 * The labels of a CSV file of this machine. @throws InvalidInput when a column is not there, a field is empty, or an item
 * has two labels of one labeller
 */
export async function readCorrections(file: string, { key, labeller, label }: Labels): Promise<Correction[]> {
  const { size } = await stat(file).catch(refused(file));
  if (size > 50_000_000) throw SharedErrors.InvalidInput(`file: got ${size} bytes, corrections have at most 50000000`);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const from = `read_csv('${file.replaceAll("'", "''")}', delim = ',', quote = '"', escape = '"', header = true, all_varchar = true)`;
    const rows = (await connection.runAndReadAll(`SELECT * FROM ${from}`).catch(refused(file))).getRowObjectsJS();
    return corrections(rows as Record<string, string | null>[], { key, labeller, label });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function corrections(
  rows: Record<string, string | null>[],
  { key, labeller, label }: Omit<Labels, 'of'>,
): Correction[] {
  if (rows.length === 0 || rows.length > MOST_CORRECTIONS)
    throw SharedErrors.InvalidInput(`file: got ${rows.length} rows, expected 1 to ${MOST_CORRECTIONS} corrections`);
  const seen = new Set<string>();
  return rows.map((row, i) => {
    const field = (name: string): string => {
      const value = row[name];
      if (value) return value;
      throw SharedErrors.InvalidInput(
        `row ${i + 1}: ${name}: got ${value === undefined ? 'no such column' : 'an empty field'}, a correction has a value there`,
      );
    };
    const correction = { key: key.map(field), labeller: field(labeller), label: field(label) };
    const id = JSON.stringify([correction.key, correction.labeller]);
    if (seen.has(id))
      throw SharedErrors.InvalidInput(
        `row ${i + 1}: got ${correction.key.join(', ')} by ${correction.labeller} again, a file corrects a label once`,
      );
    seen.add(id);
    return correction;
  });
}

const refused = (file: string) => (cause: unknown) => {
  throw SharedErrors.InvalidInput(
    `file: got ${file}, it cannot be read: ${String((cause as Error).message).split('\n')[0]}`,
    { cause },
  );
};
