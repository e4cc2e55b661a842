import type { PlatformError } from '../shared/errors.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import type { Ending, IngestionFact } from './ingestion.ts';
import { qualityKey } from './manifest.ts';
import type { Breach, BreachCount, BreachedRow, FileCheck, Refined } from './ports.ts';

/**
 * What was found in a file. The rows that were not taken stay whole where nothing is lost, in the raw object; here they
 * are shown as they would have been kept, so that no identifier is in it that is not in the dataset.
 */
export interface QualityReport {
  schema: 'millrace/quality/1';
  workspace: string;
  dataset: string;
  uploadId: string;
  /** The raw object. */
  key: string;
  objectVersion?: string;
  /** `warned` and `quarantined` files are in the dataset, `refused` ones are not. */
  verdict: 'passed' | 'warned' | 'quarantined' | 'refused';
  refusal?: { name: string; message: string };
  rows: Refined['rows'];
  /** Every rule that was checked of the file's rows, those that none broke included. */
  rules: { column: string; rules: string[] }[];
  /** Every rule that was broken, by column or check. */
  counts: BreachCount[];
  /** The first breaches, and the first rows that have some. */
  sample: Breach[];
  sampleRows: BreachedRow[];
  /** Whether the sample is not all of them. */
  truncated: boolean;
  /** Checks of the file as a whole. */
  checks: FileCheck[];
}

interface Case {
  workspace: string;
  spec: DatasetSpec;
  ingestion: IngestionFact;
  refined: Refined;
  refusal?: PlatformError;
}

/** Writes the report on a file, and says how its ingestion ends in this respect. */
export async function reportQuality(
  curated: ObjectStore,
  { workspace, spec, ingestion, refined, refusal }: Case,
): Promise<Pick<Ending, 'repeated' | 'replaced' | 'quarantined' | 'breaches' | 'qualityKey'>> {
  const { rows, counts, sample, sampleRows, checks } = refined;
  const { dataset } = spec;
  const { uploadId, key, objectVersion } = ingestion;
  const warned = counts.length > 0 || checks.some(({ passed }) => !passed);
  const report: QualityReport = {
    schema: 'millrace/quality/1',
    ...{ workspace, dataset, uploadId, key, objectVersion },
    verdict: refusal ? 'refused' : rows.broken > 0 ? 'quarantined' : warned ? 'warned' : 'passed',
    ...(refusal && { refusal: { name: refusal.name, message: refusal.message } }),
    rows,
    rules: rulesOf(spec),
    counts,
    sample,
    sampleRows,
    truncated: sample.length < counts.reduce((sum, count) => sum + count.rows, 0),
    checks,
  };
  const bytes = JSON.stringify(report, undefined, 1);
  const at = qualityKey({ workspace, dataset }, uploadId, bytes);
  await curated.put(at, bytes, 'application/json');
  return {
    repeated: rows.repeated,
    ...(rows.replaced > 0 && { replaced: rows.replaced }),
    quarantined: rows.broken,
    ...(counts.length > 0 && { breaches: counts.slice(0, MOST_COUNTS) }),
    qualityKey: at,
  };
}

/** The ingestion is one item of the catalogue; the report has all of them. */
const MOST_COUNTS = 50;

function rulesOf({ columns, checks = [] }: DatasetSpec): QualityReport['rules'] {
  const ofColumns = Object.entries(columns).map(([column, { nullable, min, max, values, pattern }]) => ({
    column,
    rules: [
      'type',
      ...(nullable ? [] : ['required']),
      ...(min !== undefined || max !== undefined ? ['range'] : []),
      ...(values ? ['values'] : []),
      ...(pattern ? ['pattern'] : []),
    ],
  }));
  return [...ofColumns, ...checks.map(({ name, rule }) => ({ column: name, rules: [rule] }))];
}
