import { stringify } from 'yaml';

/** A value as YAML on one line, as it may stand anywhere: `{ type: double, values: [a, "b, c"] }`. */
export function flowText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{ ${members.map(([key, member]) => `${flowText(key)}: ${flowText(member)}`).join(', ')} }`;
  }
  // In a list it is quoted as it has to be inside of brackets, which is good elsewhere too.
  return stringify([value], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0, schema: 'core' })
    .trim()
    .slice(1, -1)
    .trim();
}
