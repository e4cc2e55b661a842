import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One resource of a template, as synthesized. */
export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
}

export interface StackTemplate {
  stackName: string;
  resources: Record<string, TemplateResource>;
}

/** The stacks of a synthesized app (cloud assembly), in its manifest's order. */
export function stackTemplates(assembly: string): StackTemplate[] {
  const { artifacts } = readJson<Manifest>(join(assembly, 'manifest.json'));
  return Object.entries(artifacts ?? {}).flatMap(([id, { type, properties }]) => {
    if (type !== 'aws:cloudformation:stack' || !properties?.templateFile) return [];
    const template = readJson<{ Resources?: StackTemplate['resources'] }>(join(assembly, properties.templateFile));
    return [{ stackName: properties.stackName ?? id, resources: template.Resources ?? {} }];
  });
}

interface Manifest {
  artifacts?: Record<string, { type: string; properties?: { templateFile?: string; stackName?: string } }>;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
