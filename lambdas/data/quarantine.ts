import type { ObjectStore } from '../shared/objects.ts';
import type { Ending, IngestionFact } from './ingestion.ts';
import { quarantineKey } from './manifest.ts';
import type { Breach, BreachCount, Refined } from './ports.ts';

/** The report on a file's broken rows. The rows themselves stay where nothing is lost: in the raw object. */
export interface QuarantineReport {
  schema: 'millrace/quarantine/1';
  workspace: string;
  dataset: string;
  uploadId: string;
  /** The raw object. */
  key: string;
  objectVersion?: string;
  rows: { given: number; broken: number };
  /** Every rule that was broken, by column. */
  counts: BreachCount[];
  /** The first broken rows. */
  sample: Breach[];
  /** Whether the sample is not all of them. */
  truncated: boolean;
}

interface Case {
  workspace: string;
  dataset: string;
  ingestion: IngestionFact;
  refined: Refined;
}

/** Writes the report where there are broken rows, and says how the ingestion ends in this respect. */
export async function quarantine(
  curated: ObjectStore,
  { workspace, dataset, ingestion, refined: { rows, counts, sample } }: Case,
): Promise<Pick<Ending, 'repeated' | 'quarantined' | 'breaches' | 'quarantineKey'>> {
  if (rows.broken === 0) return { repeated: rows.repeated, quarantined: 0 };
  const { uploadId, key, objectVersion } = ingestion;
  const report: QuarantineReport = {
    schema: 'millrace/quarantine/1',
    ...{ workspace, dataset, uploadId, key, objectVersion },
    rows: { given: rows.given, broken: rows.broken },
    counts,
    sample,
    truncated: sample.length < counts.reduce((sum, count) => sum + count.rows, 0),
  };
  const at = quarantineKey({ workspace, dataset }, uploadId);
  await curated.put(at, JSON.stringify(report, undefined, 1), 'application/json');
  return {
    repeated: rows.repeated,
    quarantined: rows.broken,
    breaches: counts.slice(0, MOST_COUNTS),
    quarantineKey: at,
  };
}

/** The ingestion is one item of the catalogue; the report has all of them. */
const MOST_COUNTS = 50;
