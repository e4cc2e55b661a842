import type { Item } from '../shared/table.ts';
import { TrackingErrors } from './errors.ts';
import { checkLength, LIMITS } from './names.ts';

export type Stage = 'active' | 'deleted';

export interface Experiment {
  id: string;
  name: string;
  artifactLocation: string;
  stage: Stage;
  /** Counts deletions and restorations: each of them is one of all its runs too, without touching them. */
  era: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  updatedAt: number;
  tags: Record<string, string>;
}

export const experimentOf = (item: Item): Experiment => {
  const { id, name, artifactLocation, stage, era, createdAt, updatedAt, tags } = item as unknown as Experiment;
  return { id, name, artifactLocation, stage, era, createdAt, updatedAt, tags };
};

export const experimentView = (experiment: Experiment) => ({
  experiment_id: experiment.id,
  name: experiment.name,
  artifact_location: experiment.artifactLocation,
  lifecycle_stage: experiment.stage,
  last_update_time: experiment.updatedAt,
  creation_time: experiment.createdAt,
  tags: Object.entries(experiment.tags).map(([key, value]) => ({ key, value })),
});

/** @throws ExperimentInactive */
export function requireActive({ id, stage }: Experiment): void {
  if (stage === 'active') return;
  throw TrackingErrors.ExperimentInactive(
    `The experiment ${id} must be in the 'active' state. Current state is ${stage}.`,
  );
}

/** @throws RequestInvalid */
export function checkExperimentName(name: string): void {
  if (name === '') throw TrackingErrors.RequestInvalid("Invalid experiment name: ''");
  checkLength('name', LIMITS.experimentName, name);
}

/**
 * Where a client keeps an experiment's files. Any scheme that a client may know is taken; nothing here opens it.
 * @throws RequestInvalid
 */
export function checkArtifactLocation(location: string): void {
  checkLength('artifact_location', LIMITS.artifactLocation, location);
  const path = location.replace(/^[\w+.-]+:/, '');
  const bad = /[#?;]|%2e|%2f|%5c|%25/i.test(path) || path.split(/[/\\]/).includes('..');
  if (!bad) return;
  throw TrackingErrors.RequestInvalid(
    `Invalid artifact location: ${JSON.stringify(location)}: it has a query, a fragment, an encoded separator or a '..'`,
  );
}
