import { DataErrors } from './errors.ts';

/** What a line of an input manifest says beside the object itself, so that its label finds home. */
export const ITEM = 'millrace-item';

/** One label of a labelling job. */
export interface GroundTruthLabel {
  item: string;
  label: string;
  /** 0 to 1, as the service estimates it; absent where it does not. */
  confidence?: number;
  /** ISO 8601, UTC. */
  at: string;
  /** False where the service labelled by itself. */
  byPeople: boolean;
}

export interface GroundTruthLabels {
  labels: GroundTruthLabel[];
  /** Items that nobody could label. */
  failed: string[];
}

const TYPES = new Set(['groundtruth/image-classification', 'groundtruth/text-classification']);

/**
 * The labels of an output manifest ("augmented manifest"): a JSON object a line, with what the input had, the class's
 * number under the attribute's name, and the class's name under `<attribute>-metadata`.
 * @throws LabellingOutputInvalid with line and field
 */
export function labelsOfManifest(text: string, attribute: string): GroundTruthLabels {
  const found: GroundTruthLabels = { labels: [], failed: [] };
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const say = (field: string, got: unknown, expected: string) =>
      DataErrors.LabellingOutputInvalid(
        `line ${i + 1}: ${field}: got ${JSON.stringify(got) ?? 'nothing'}, ${expected}`,
      );
    let entry: Record<string, unknown>;
    try {
      entry = JSON.parse(line) as Record<string, unknown>;
    } catch (cause) {
      throw DataErrors.LabellingOutputInvalid(`line ${i + 1}: is no JSON`, { cause });
    }
    const item = entry[ITEM];
    if (typeof item !== 'string') throw say(ITEM, item, 'expected the item that the input manifest named');
    const metadata = entry[`${attribute}-metadata`] as Record<string, unknown> | undefined;
    if (metadata === undefined || metadata['failure-reason'] !== undefined) {
      found.failed.push(item);
      return;
    }
    const { type, confidence, 'class-name': label, 'creation-date': created, 'human-annotated': human } = metadata;
    const at = (field: string) => `${attribute}-metadata.${field}`;
    if (!TYPES.has(String(type))) throw say(at('type'), type, `expected one of ${[...TYPES].join(', ')}`);
    if (typeof label !== 'string' || label === '') throw say(at('class-name'), label, 'expected the name of a class');
    if (typeof created !== 'string' || Number.isNaN(Date.parse(created)))
      throw say(at('creation-date'), created, 'expected a time');
    found.labels.push({
      item,
      label,
      ...(typeof confidence === 'number' && { confidence }),
      // The service writes UTC without saying so, to the microsecond.
      at: new Date(/(Z|[+-]\d{2}:?\d{2})$/.test(created) ? created : `${created}Z`).toISOString(),
      byPeople: human === 'yes',
    });
  });
  return found;
}
