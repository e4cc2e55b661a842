import type { LabelRow } from './label-rows.ts';

export interface Correction {
  key: string[];
  labeller: string;
  label: string;
}

export interface CorrectionCheck {
  /** What would change. `before` is absent for an item of the held-out part. */
  changes: (Correction & { before?: string })[];
  /** What is labelled so already. */
  same: number;
  /** No label of this item by this labeller is there to correct. */
  unknown: Correction[];
}

/** What corrections would do to the labels of a version. */
export function checkCorrections(rows: readonly LabelRow[], corrections: readonly Correction[]): CorrectionCheck {
  const id = ({ key, labeller }: Pick<Correction, 'key' | 'labeller'>) => JSON.stringify([key, labeller]);
  const known = new Map(rows.map((row) => [id(row), row]));
  const found: CorrectionCheck = { changes: [], same: 0, unknown: [] };
  for (const correction of corrections) {
    const before = known.get(id(correction));
    if (!before) found.unknown.push(correction);
    else if (before.split === 'test') found.changes.push(correction);
    else if (before.label === correction.label) found.same++;
    else found.changes.push({ ...correction, before: before.label });
  }
  return found;
}
