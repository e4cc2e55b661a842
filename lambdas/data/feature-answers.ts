import type { Digest } from '../shared/digest.ts';
import type { FeatureSpec } from './feature-spec.ts';

export interface NamedSet {
  workspace: string;
  set: string;
}

/** What a feature's value is online: days and times as ISO 8601 text. Null is no value. */
export type FeatureValue = string | number | boolean | null;
export type FeatureValues = Record<string, FeatureValue>;

/** What rows are made of: a definition, and a version of the dataset. */
export interface Edition {
  definition: Digest;
  version: Digest;
  /** The version's number. */
  number: number;
}

/** What a set's online table was last made of, whole. */
export interface Materialised extends Edition {
  /** The definition's number. */
  revision: number;
  /** ISO 8601, UTC. */
  at: string;
  /** Entities that were written for it. */
  entities: number;
}

export interface MaterialisationFailure {
  error: string;
  reason: string;
  /** ISO 8601, UTC. */
  at: string;
}
/** Features of one entity. Without `asOf` the online table has none of it. */
export interface OnlineFeatures {
  entity: FeatureValues;
  values?: FeatureValues;
  asOf?: string;
  /** The definition and the dataset's version that the values were made by. */
  definition?: Digest;
  version?: Digest;
  number?: number;
}

/** A feature set as its people see it. */
export interface FeatureSetView {
  set: string;
  spec: FeatureSpec;
  /** Digest of the spec, and the how-manieth it is. */
  definition: Digest;
  revision: number;
  createdAt: string;
  appliedAt: string;
  /** Number of the dataset's latest version; 0 before the first. */
  latest: number;
  /** What the online table has; absent before the first materialisation. */
  materialised?: Materialised;
  /** Hours since the online table ceased to be what definition and latest version say; 0 while it is. */
  staleHours: number;
  /** Why the last materialisation did not end well, until one does. */
  failure?: MaterialisationFailure;
}

/** What a join gave; the same spine, definition and version give it again. */
export interface Joined {
  /** Key in the features zone. */
  key: string;
  rows: number;
  bytes: number;
  sha256: Digest;
  definition: Digest;
  version: Digest;
  number: number;
}

export interface JoinView {
  join: string;
  set: string;
  status: 'running' | 'succeeded' | 'failed';
  result?: Joined;
  /** Where the result is to be had, until `expiresAt`. */
  url?: string;
  expiresAt?: string;
  error?: { name: string; message: string };
}
