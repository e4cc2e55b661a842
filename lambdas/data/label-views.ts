import type { ObjectStore } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { type Agreement, agreementOf } from './agreement.ts';
import { type Consensus, consensusOf } from './consensus.ts';
import { type Correction, type CorrectionCheck, checkCorrections } from './corrections.ts';
import { currentDatasetSpec } from './dataset-head.ts';
import { DataErrors } from './errors.ts';
import { MOST_LABELS, readLabels, requireLabels } from './label-rows.ts';
import type { LabelSetNamed } from './label-spec.ts';
import { showVersion } from './views.ts';

interface Stores {
  table: Table;
  curated: ObjectStore;
}
interface Named {
  workspace: string;
  dataset: string;
  version: string;
}

/** @throws DatasetVersionMissing, LabelSetMissing, LabelSetTooLarge, ManifestDamaged, CuratedFileDamaged */
async function labelSet({ table, curated }: Stores, named: Named) {
  const { manifest, version, number, dataset } = await showVersion({ table, curated }, named);
  // The spec of today: a dataset can be made a label set after its rows came.
  const spec = await currentDatasetSpec(table, named.workspace, dataset);
  const labels = requireLabels(spec ?? { dataset });
  const type = manifest.columns[labels.label]?.type;
  const rows = await readLabels(curated, manifest, labels);
  return {
    about: { dataset, version, number, labelSet: labels },
    rows,
    numeric: type === 'double' || type === 'integer',
  };
}

export async function showAgreement(
  stores: Stores,
  { review, ...named }: Named & { review: number },
): Promise<LabelSetNamed & Agreement> {
  const { about, rows, numeric } = await labelSet(stores, named);
  return { ...about, ...agreementOf(rows, { numeric, review }) };
}

export async function showConsensus(
  stores: Stores,
  { minAgreement, minLabellers, ...named }: Named & { minAgreement: number; minLabellers: number },
): Promise<LabelSetNamed & Consensus> {
  const { about, rows } = await labelSet(stores, named);
  const answer = { ...about, ...consensusOf(rows, { minAgreement, minLabellers }) };
  // Lambda answers with 6 MB at most; headers and escapes have their part of it.
  const { length } = JSON.stringify(answer);
  if (length <= 5_000_000) return answer;
  throw DataErrors.LabelSetTooLarge(
    `dataset: got ${named.dataset} with ${rows.length} of at most ${MOST_LABELS} labels, whose consensus has ${length} characters; at most 5000000 can be answered`,
  );
}

export async function showCorrections(
  stores: Stores,
  { corrections, ...named }: Named & { corrections: Correction[] },
): Promise<LabelSetNamed & CorrectionCheck> {
  const { about, rows } = await labelSet(stores, named);
  return { ...about, ...checkCorrections(rows, corrections) };
}
