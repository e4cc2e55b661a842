import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { GatewayStack } from '../../lib/gateway/gateway-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';
import { StudioStack } from '../../lib/studio/studio-stack.ts';
import { ANNAS_SECRET, BENS_SECRET } from './studio-secrets.ts';

export const aStudio = (stated: object = {}) => ({
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0123456789abcdef0'],
  gitRepository: 'https://git.example.com/team/rain.git',
  users: { anna: { tokenSecretArn: ANNAS_SECRET }, ben: { workspace: 'radar', tokenSecretArn: BENS_SECRET } },
  ...stated,
});

/** The same people where the tracking API takes signatures. */
export const signingStage = {
  trackingIam: {
    callers: [{ principal: 'arn:aws:iam::111122223333:role/Scientists', roles: ['scientist'], workspaces: ['*'] }],
  },
  studio: aStudio({ users: { anna: {}, ben: { workspace: 'radar' } } }),
};

export function aStudioApp(stated: object = { studio: aStudio() }, name = 'prod'): { app: App; studio: StudioStack } {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage(name, { [name]: { account: '111122223333', region: 'eu-central-1', ...stated } });
  const lineage = new LineageStack(app, stage);
  const data = new DataStack(app, stage, { lineage });
  const { control, urls } = new GatewayStack(app, stage, {
    // Any function does for the tracking API's.
    apis: { tracking: lineage.api },
    trackingUi: lineage.api,
    endpoints: {},
  });
  return { app, studio: new StudioStack(app, stage, { data, control, trackingUri: urls.tracking }) };
}

export const aStudioTemplate = (stated?: object, stage?: string): Template =>
  Template.fromStack(aStudioApp(stated, stage).studio);

/** A template's value as it is once deployed, with short names for what AWS names. */
export function deployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deployed);
  if (value === null || typeof value !== 'object') return value;
  const {
    Ref,
    'Fn::ImportValue': imported,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
    'Fn::Base64': bytes,
  } = value as Record<string, unknown>;
  if (Ref !== undefined) return { 'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com' }[Ref as string] ?? Ref;
  if (imported !== undefined) return importedName(String(imported));
  if (attribute !== undefined)
    return (attribute as string[])[1] === 'DomainId' ? 'd-1' : (attribute as string[]).join('.');
  if (join !== undefined) return (deployed((join as [string, unknown[]])[1]) as string[]).join('');
  if (bytes !== undefined) return deployed(bytes);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, deployed(member)]));
}

function importedName(name: string): string {
  if (/ArtifactsC?\w*Arn\w*$/.test(name)) return 'arn:aws:s3:::artifacts';
  if (/RefControlDeploymentStage/.test(name)) return 'v1';
  if (/RefControl[0-9A-F]+$/.test(name)) return 'api1';
  throw new Error(`got the import ${name}, of which the tests know nothing`);
}

export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** What a person's role may, with the ARNs that it has once it is deployed. */
export function rightsOf(template: Template, profile: string): Statement[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
    id.startsWith(`User${profile}Role`),
  );
  return policies.flatMap(([, { Properties }]) => deployed(Properties.PolicyDocument.Statement) as Statement[]);
}

/** Whether statements allow an action, by IAM's rules as far as these statements use them. */
export function allows(
  statements: readonly Statement[],
  action: string,
  resource: string,
  context: Record<string, string | string[]> = {},
): boolean {
  return statements.some(
    (statement) =>
      [statement.Action].flat().includes(action) &&
      [statement.Resource].flat().some((pattern) => isLike(pattern, resource)) &&
      Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => holds(operator, [wanted].flat(), context[key])),
      ),
  );
}

function holds(operator: string, wanted: string[], got: string | string[] | undefined): boolean {
  const values = got === undefined ? [] : [got].flat();
  switch (operator) {
    case 'StringLike':
      return values.some((value) => wanted.some((pattern) => isLike(pattern, value)));
    case 'StringEquals':
      return values.some((value) => wanted.includes(value));
    case 'ForAllValues:StringEquals':
      return values.every((value) => wanted.includes(value));
    default:
      throw new Error(`got the operator ${operator}, of which the tests know nothing`);
  }
}

const isLike = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  ).test(text);
