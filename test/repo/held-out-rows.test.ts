import { expect, test } from '@jest/globals';
import { type Resource, synthesizedApp } from './synthesized-app.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  NotAction?: unknown;
  Resource?: unknown;
}

/** Reading an object, or getting its bytes some other way. */
const READS = ['s3:GetObject', 's3:GetObjectVersion', 's3:*', '*'];
/** Two keys of rows that are held out, as a pattern may match them. */
const HELD_OUT = ['default/flights/test/month=2001-06/0.parquet', 'train/manifests/test/0.parquet'];

/** The pattern of a resource behind the bucket's ARN; undefined where it is another bucket. */
function patternOf(resource: unknown): string | undefined {
  if (resource === '*') return '*';
  const text = JSON.stringify(resource);
  if (!/Curated|-curated-/.test(text)) return undefined;
  const joined = (resource as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  const last = joined?.[1].at(-1);
  return typeof last === 'string' && last.startsWith('/') ? last.slice(1) : undefined;
}

const opens = (pattern: string) => {
  const expression = new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  return HELD_OUT.some((key) => expression.test(key));
};

const statementsOf = ({ Type, Properties = {} }: Resource): Statement[] => {
  const inline = (Properties['Policies'] ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
  const own = Type.startsWith('AWS::IAM::') ? (Properties['PolicyDocument'] as { Statement: Statement[] }) : undefined;
  return [...(own?.Statement ?? []), ...inline.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)];
};

function readers(stage: string): string[] {
  return Object.entries(synthesizedApp(stage)).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, resource]) =>
        statementsOf(resource).some(
          ({ Effect, Action, NotAction, Resource: targets }) =>
            Effect === 'Allow' &&
            (NotAction !== undefined || [Action].flat().some((action) => READS.includes(action))) &&
            [targets].flat().some((target) => {
              const pattern = patternOf(target);
              return pattern !== undefined && opens(pattern);
            }),
        ),
      )
      .map(([id]) => `${stack.replace(`millrace-${stage}-`, '')}: ${id.replace(/RoleDefaultPolicy[0-9A-F]{8}$/, '')}`),
  );
}

test.each(['prod', 'local'])(
  'in stage %s only what adds to rows and what judges by them may read those held out',
  (stage) => {
    // Features of now are made of all that is known by now; nothing is trained from the online table.
    const online = 'data: FeaturesMaterialiseTasks';
    expect(readers(stage).sort()).toEqual([online, 'data: Ingest', 'training: Evaluate']);
  },
);
