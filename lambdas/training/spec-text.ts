import { parseDocument } from 'yaml';
import type { ZodError } from 'zod';
import { describeIssues, type PlatformError } from '../shared/errors.ts';
import { TrainingErrors } from './errors.ts';
import { ModelSpec } from './model-spec.ts';

/**
 * Reads a model spec from YAML.
 * @throws SpecNotYaml, SpecKeyUnknown, SpecFieldMissing, SpecFieldInvalid, each with field, value and rule
 */
export function parseModelSpec(text: string): ModelSpec {
  const raw = parseYaml(text);
  const parsed = ModelSpec.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw explained(parsed.error, raw);
}

function parseYaml(text: string): unknown {
  // Core schema only: dates stay text, and no tag makes anything but plain values.
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true, strict: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw TrainingErrors.SpecNotYaml(`spec: ${firstLine(problem.message)}`, { cause: problem });
  try {
    // A spec has no use for anchors; the limit keeps nested ones from growing without end.
    return document.toJS({ maxAliasCount: 20 });
  } catch (cause) {
    throw TrainingErrors.SpecNotYaml(`spec: ${(cause as Error).message}`, { cause });
  }
}

/** The first broken rule names the error; the message lists every one. */
function explained(error: ZodError, raw: unknown): PlatformError {
  const message = `spec: ${describeIssues(error, raw)}`;
  const issues = error.issues;
  if (issues.some(({ code }) => code === 'unrecognized_keys')) return TrainingErrors.SpecKeyUnknown(message);
  const missing = ({ path }: { path: PropertyKey[] }) => valueAt(raw, path) === undefined;
  if (issues.some(missing)) return TrainingErrors.SpecFieldMissing(message);
  return TrainingErrors.SpecFieldInvalid(message);
}

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], root);

const firstLine = (text: string): string => text.split('\n')[0]?.replace(/:$/, '') ?? '';
