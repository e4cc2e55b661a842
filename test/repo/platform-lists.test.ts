import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { python } from '../../bin/local/places.ts';
import { AWS_ONLY_TYPES } from '../../lib/shared/platform.ts';
import { type Resource, type StackTemplate, synthesizedApp } from './synthesized-app.ts';

/** The types that the emulator of this project makes, by its own table. */
const EMULATED = new Set(
  JSON.parse(
    execFileSync(
      python,
      [
        '-c',
        'import json; from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as h; print(json.dumps(list(h)))',
      ],
      { encoding: 'utf8' },
    ),
  ) as string[],
);

/** Reviewed: every part that the local cloud gets and AWS never does, by stack and logical id without its hash. */
const LOCAL_ONLY_PARTS = {
  'millrace-prod-training': [
    'JobsStandIn (AWS::Lambda::Function)',
    'JobsStandInLogs (AWS::Logs::LogGroup)',
    'JobsStandInRole (AWS::IAM::Role)',
    'JobsStandInRoleDefaultPolicy (AWS::IAM::Policy)',
  ],
};

const app = synthesizedApp('prod');
const parts = Object.entries(app).flatMap(([stack, { Resources }]) =>
  Object.entries(Resources).map(([id, resource]) => ({ stack, id, resource })),
);
const onlyOn = (condition: string) => parts.filter(({ resource }) => resource.Condition === condition);

describe('the types that exist on AWS only', () => {
  test('are exactly those that the emulator does not make', () => {
    const foreign = ({ resource }: { resource: Resource }) =>
      !EMULATED.has(resource.Type) && resource.Type !== 'AWS::CDK::Metadata';
    const unconditioned = parts.filter((part) => foreign(part) && part.resource.Condition !== 'OnAws');
    expect(unconditioned.map(({ id, resource }) => `${id} (${resource.Type})`)).toEqual([]);
    expect(AWS_ONLY_TYPES.filter((type) => EMULATED.has(type))).toEqual([]);
  });

  test('are the only ones that are kept from the local cloud', () => {
    for (const { resource } of onlyOn('OnAws')) expect(AWS_ONLY_TYPES).toContain(resource.Type);
  });
});

describe('an AWS deployment', () => {
  test('has none of the parts of the local cloud, and those are the reviewed ones', () => {
    const listed: Record<string, string[]> = {};
    for (const { stack, id, resource } of onlyOn('OnLocal'))
      listed[stack] = [...(listed[stack] ?? []), `${id.replace(/[0-9A-F]{8}$/, '')} (${resource.Type})`].sort();
    expect(listed).toEqual(LOCAL_ONLY_PARTS);
  });

  test('is what a template gives where nobody sets the platform', () => {
    for (const { Parameters } of Object.values(app))
      expect((Parameters?.['Platform'] as { Default?: string } | undefined)?.Default ?? 'aws').toBe('aws');
  });

  test('refers to none of those parts, unless in the branch of a condition that it does not take', () => {
    const dangling = Object.entries(app).flatMap(([stack, template]) => {
      const local = new Set(onlyOn('OnLocal').flatMap((part) => (part.stack === stack ? [part.id] : [])));
      return referencesOf(asOnAws(template)).filter((id) => local.has(id));
    });
    expect(dangling).toEqual([]);
  });
});

/** A template's resources as CloudFormation sees them with `Platform` = `aws`. */
function asOnAws({ Resources }: StackTemplate): unknown {
  const kept = Object.entries(Resources).filter(([, { Condition }]) => Condition !== 'OnLocal');
  const taken = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(taken);
    if (value === null || typeof value !== 'object') return value;
    const branch = (value as { 'Fn::If'?: [string, unknown, unknown] })['Fn::If'];
    if (branch?.[0] === 'OnLocal') return taken(branch[2]);
    if (branch?.[0] === 'OnAws') return taken(branch[1]);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, taken(member)]));
  };
  return taken(Object.fromEntries(kept));
}

function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => {
    if (key === 'Ref') return [String(member)];
    if (key === 'Fn::GetAtt') return [String((member as string[])[0])];
    if (key === 'DependsOn') return [member].flat().map(String);
    return referencesOf(member);
  });
}
