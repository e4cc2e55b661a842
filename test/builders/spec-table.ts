import { type JsonSchema, specFields } from '../../lambdas/data/dataset-json-schema.ts';
import { SPEC_FIELDS } from '../../lambdas/data/spec-fields.ts';

/** The rows that docs/datasets.md has on the fields of a spec: path, form and meaning. */
export function specTable(schema: JsonSchema): string[] {
  const forms = new Map<string, Set<string>>();
  for (const { path, schema: part } of specFields(schema)) {
    forms.set(path, (forms.get(path) ?? new Set()).add(formOf(part)));
  }
  return [...forms].map(([path, said]) => {
    const longest = [...said].sort((a, b) => b.length - a.length)[0] as string;
    const constants = [...said].every((form) => /^`[^`]+`$/.test(form));
    return `| \`${path}\` | ${constants ? [...said].join(', ') : longest} | ${SPEC_FIELDS[path]} |`;
  });
}

function formOf({
  type,
  enum: words,
  const: only,
  items,
  oneOf,
  properties,
  format,
  additionalProperties,
}: JsonSchema) {
  if (only !== undefined) return `\`${String(only)}\``;
  if (Array.isArray(words)) return words.map((word) => `\`${String(word)}\``).join(', ');
  if (items) return items.type === 'string' ? 'list of texts' : 'list of what follows';
  if (oneOf ?? properties) return 'what follows';
  if (additionalProperties) return 'columns by name';
  if (format === 'date') return 'day';
  return (
    { string: 'text', number: 'number', integer: 'whole number', boolean: '`true` or `false`' }[String(type)] ?? '?'
  );
}
