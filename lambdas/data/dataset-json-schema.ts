import * as z from 'zod';
import { DatasetSpec } from './dataset-spec.ts';
import { SPEC_FIELDS } from './spec-fields.ts';

/** A JSON Schema as far as this file looks into one. */
export interface JsonSchema {
  description?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  const?: unknown;
  [keyword: string]: unknown;
}

/**
 * The dataset spec as JSON Schema (draft 2020-12), for editors: names, types and forms with a description of each.
 * What fields contradict each other can only be said by `parseDatasetSpec`.
 */
export function datasetJsonSchema(): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(DatasetSpec, { io: 'input' }) as JsonSchema;
  const schema = { $schema, title: 'Millrace dataset spec', ...rest };
  for (const { path, schema: part } of specFields(schema)) {
    const description = SPEC_FIELDS[path];
    if (description) part.description = description;
  }
  return schema;
}

export interface SpecField {
  /** `columns.<name>.privacy.<round>.to`: the form of SPEC_FIELDS. */
  path: string;
  schema: JsonSchema;
}

/** Every field that a spec can have, outer ones first; one that all variants share comes once for each of them. */
export function specFields(schema: JsonSchema, at = ''): SpecField[] {
  if (schema.oneOf) return ofVariants(schema.oneOf, at);
  if (schema.items) return specFields(schema.items, at);
  if (typeof schema.additionalProperties === 'object') return specFields(schema.additionalProperties, `${at}<name>.`);
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => [
    { path: at + name, schema: part },
    ...specFields(part, `${at}${name}.`),
  ]);
}

/** What every variant has is named without one, so that it is said once. */
function ofVariants(variants: readonly JsonSchema[], at: string): SpecField[] {
  const shared = (name: string) => variants.every(({ properties }) => properties?.[name]);
  return variants.flatMap(({ properties = {} }) => {
    const tag = Object.keys(properties).find((name) => shared(name) && properties[name]?.const !== undefined) ?? '';
    return Object.entries(properties).map(([name, schema]) => ({
      path: shared(name) ? at + name : `${at}<${String(properties[tag]?.const)}>.${name}`,
      schema,
    }));
  });
}
