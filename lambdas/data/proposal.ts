import type { Check } from './check-spec.ts';
import type { ColumnProfile } from './profile.ts';

/** A version as far as rules can be inferred from it. */
export interface VersionSeen {
  rows: number;
  columns: Record<string, ColumnProfile>;
  /** ISO 8601, UTC. */
  registeredAt?: string;
}

/** One change of a spec: a field of a column, or one more check. */
export type Proposal = { reason: string } & (
  | { column: string; field: 'min' | 'max' | 'values' | 'nullable'; value: number | boolean | string[] }
  | { check: Check }
);
