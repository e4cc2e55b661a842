import type { Key } from '../shared/table.ts';

/** The kinds of things that facts are about. */
export const KINDS = [
  'dataset',
  'dataset-version',
  'dataset-key',
  'ingestion',
  'spec',
  'run',
  'bundle',
  'model',
  'model-version',
  'endpoint',
  'rollout',
  'drift-report',
  'retraining',
  'code',
  'raw-object',
  'feature-set',
  'materialisation',
  'dvc-pointer',
] as const;
export type Kind = (typeof KINDS)[number];

/** `<kind>:<workspace>/<path>`, such as `model-version:default/rain/3`. */
export type Ref = `${Kind}:${string}/${string}`;

export const ref = (kind: Kind, workspace: string, path: string): Ref => `${kind}:${workspace}/${path}`;

export interface RefParts {
  kind: Kind;
  workspace: string;
  path: string;
}

/** The parts of a reference, or undefined when the text is none. */
export function parseRef(text: string): RefParts | undefined {
  const match = /^([a-z-]+):([a-z0-9][a-z0-9-]*)\/(.+)$/s.exec(text);
  const [, kind, workspace, path] = match ?? [];
  if (!kind || !workspace || !path || !KINDS.includes(kind as Kind)) return undefined;
  return { kind: kind as Kind, workspace, path };
}

/** The partition that holds a thing's fact and edges; it begins with the workspace. */
export const partitionOf = (thing: Ref): string => {
  const parts = parseRef(thing);
  if (!parts) throw new Error(`reference: got ${thing}, expected <kind>:<workspace>/<path>`);
  return `${parts.workspace}#${parts.kind}#${parts.path}`;
};

export const factKey = (thing: Ref): Key => ({ pk: partitionOf(thing), sk: 'fact' });
