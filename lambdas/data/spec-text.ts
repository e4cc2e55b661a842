import { parseDocument } from 'yaml';
import { describeIssues, type PlatformError } from '../shared/errors.ts';
import { DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';

/** What a spec may grow to as JSON: it is one item of the catalogue beside others. */
const MAX_SPEC_CHARACTERS = 200_000;

/**
 * Reads a dataset spec from YAML.
 * @throws DatasetSpecInvalid with field, value and rule of all that is wrong
 */
export function parseDatasetSpec(text: string): DatasetSpec {
  const raw = parseYaml(text);
  const parsed = DatasetSpec.safeParse(raw);
  if (!parsed.success) throw DataErrors.DatasetSpecInvalid(`spec: ${describeIssues(parsed.error, raw)}`);
  const { length } = JSON.stringify(parsed.data);
  if (length <= MAX_SPEC_CHARACTERS) return parsed.data;
  throw DataErrors.DatasetSpecInvalid(
    `spec: got ${length} characters as JSON, at most ${MAX_SPEC_CHARACTERS} are taken`,
  );
}

/** @throws what `refuse` makes of the reason for which a text is no YAML of plain values */
export function parseYaml(
  text: string,
  refuse: (message: string, options?: ErrorOptions) => PlatformError = DataErrors.DatasetSpecInvalid,
): unknown {
  // Core schema only: days stay text, and no tag makes anything but plain values.
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true, strict: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    throw refuse(`spec: is not YAML: ${problem.message.split('\n')[0]}`, { cause: problem });
  }
  try {
    // A spec has no use for anchors; the limit keeps nested ones from growing without end.
    return document.toJS({ maxAliasCount: 20 });
  } catch (cause) {
    throw refuse(`spec: ${(cause as Error).message}`, { cause });
  }
}
