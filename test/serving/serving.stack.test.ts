import { describe, expect, test } from '@jest/globals';
import { App, CfnResource } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { RegistryStack } from '../../lib/registry/registry-stack.ts';
import { ServingStack } from '../../lib/serving/serving-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';

const PROD = { endpoints: { rain: { model: 'rain', keptVersions: 7 }, snow: { model: 'snow' } } };

function aServingStack(config: object = PROD, name = 'prod'): ServingStack {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stage = parseStage(name, { [name]: config });
  const lineage = new LineageStack(app, stage);
  const data = new DataStack(app, stage, { lineage });
  return new ServingStack(app, stage, { lineage, data, registry: new RegistryStack(app, stage, { lineage }) });
}

const stack = aServingStack();
const template = Template.fromStack(stack);
type Resource = {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
};
const resources = template.toJSON()['Resources'] as Record<string, Resource>;
const ofType = (type: string) => Object.entries(resources).filter(([, { Type }]) => Type === type);
const idOf = (type: string, match: (properties: Record<string, unknown>) => boolean) =>
  ofType(type).find(([, { Properties }]) => match(Properties))?.[0];

/** What a role's own policy allows, statement by statement. */
function statementsOfRole(roleId: string | undefined): { Action: string | string[]; Resource: unknown }[] {
  const found = ofType('AWS::IAM::Policy').find(([, { Properties }]) =>
    JSON.stringify(Properties['Roles']).includes(String(roleId)),
  );
  const document = found?.[1].Properties['PolicyDocument'] as { Statement: never[] } | undefined;
  return document?.Statement ?? [];
}

const rainFunction = idOf(
  'AWS::Lambda::Function',
  ({ FunctionName }) => FunctionName === 'millrace-prod-endpoint-rain',
);
const rainRole = idOf('AWS::IAM::Role', ({ RoleName }) => RoleName === 'millrace-prod-endpoint-rain');

describe('an endpoint in the template (design.md, section 4)', () => {
  test('has ids that never change', () => {
    expect({ rainFunction, rainRole, alias: idOf('AWS::Lambda::Alias', () => true) }).toEqual({
      rainFunction: 'EndpointrainFunctionA1D3FD2E',
      rainRole: 'EndpointrainFunctionRoleF3C65355',
      alias: 'EndpointrainLive2751ECB3',
    });
  });

  test('is kept with its alias, its role, the role’s permissions and its log, and so is the windows table', () => {
    const policy = idOf('AWS::IAM::Policy', ({ Roles }) => JSON.stringify(Roles).includes(String(rainRole)));
    const kept = [
      rainFunction,
      rainRole,
      policy,
      idOf('AWS::Lambda::Alias', () => true),
      idOf('AWS::Logs::LogGroup', ({ LogGroupName }) => LogGroupName === '/millrace/prod/endpoint-rain'),
      idOf('AWS::DynamoDB::Table', () => true),
    ];
    for (const id of kept) {
      expect(resources[String(id)]).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
    template.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
  });

  test('goes with a stage that is disposable', () => {
    const local = Template.fromStack(aServingStack({ ...PROD, disposable: true }, 'local'));
    for (const type of ['AWS::Lambda::Function', 'AWS::Lambda::Alias', 'AWS::IAM::Role']) {
      for (const found of Object.values(local.findResources(type))) expect(found['DeletionPolicy']).not.toBe('Retain');
    }
  });

  test('has an alias with one constant target and no other property that could change', () => {
    for (const [, { Properties }] of ofType('AWS::Lambda::Alias')) {
      expect(Properties).toEqual({
        FunctionName: { Ref: expect.any(String) },
        FunctionVersion: '$LATEST',
        Name: 'live',
      });
    }
    expect(ofType('AWS::Lambda::Alias')).toHaveLength(2);
  });

  test('has no version in the template: rollouts publish them, and no deploy takes one away', () => {
    template.resourceCountIs('AWS::Lambda::Version', 0);
  });

  test('has one role for all its versions, of its own, and no dead letter queue that versions could differ in', () => {
    const { Properties } = resources[String(rainFunction)] as Resource;
    expect(Properties['Role']).toEqual({ 'Fn::GetAtt': [rainRole, 'Arn'] });
    expect(Properties).not.toHaveProperty('DeadLetterConfig');
  });

  test('names no bundle: what is live never goes through CloudFormation', () => {
    const { Properties } = resources[String(rainFunction)] as Resource;
    const { Variables } = Properties['Environment'] as { Variables: object };
    expect(Object.keys(Variables).sort()).toEqual(['BUNDLES_BUCKET', 'ENDPOINT', 'MODEL', 'WORKSPACE']);
  });

  test('stays the same when its configuration changes: only the function itself does', () => {
    const before = template.toJSON()['Resources'];
    const after = Template.fromStack(
      aServingStack({
        endpoints: { rain: { model: 'rain', memoryMiB: 3008, keptVersions: 7 }, snow: { model: 'snow' } },
      }),
    ).toJSON()['Resources'];
    const changed = Object.keys(after).filter((id) => JSON.stringify(after[id]) !== JSON.stringify(before[id]));
    expect(changed).toEqual([rainFunction]);
    expect(Object.keys(after)).toEqual(Object.keys(before));
  });

  test('reads the bundles of its workspace, writes its log, and may nothing else', () => {
    const statements = statementsOfRole(rainRole);
    expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetObject',
      's3:ListBucket',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
    expect(JSON.stringify(statements)).toContain('/default/*');
  });

  test('sends every line of its log to the collector', () => {
    template.hasResourceProperties('AWS::Logs::SubscriptionFilter', {
      FilterPattern: '"functionVersion"',
      DestinationArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('Collector'), 'Arn'] },
    });
    template.resourceCountIs('AWS::Logs::SubscriptionFilter', 2);
  });

  test('has alarms for errors and for a refused bundle', () => {
    for (const [what, metric] of [
      ['errors', 'rain-errors'],
      ['bundle-refused', 'rain-bundle-refused'],
    ]) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `millrace/prod/serving/${what}/rain`,
        Namespace: 'Millrace/prod',
        MetricName: metric,
        Dimensions: [],
      });
    }
  });

  test('has a name that Lambda and IAM take, however long stage and endpoint are called', () => {
    const name = 'a-name-of-as-many-as-31-letters';
    const longest = Template.fromStack(aServingStack({ endpoints: { [name]: { model: 'rain' } } }, 'a-stage-of-14c'));
    const functions = Object.values(longest.findResources('AWS::Lambda::Function'));
    const names = functions.map(({ Properties }) => String(Properties['FunctionName']));
    expect(names).toContain(`millrace-a-stage-of-14c-endpoint-${name}`);
    for (const each of names) expect(each.length).toBeLessThanOrEqual(64);
  });
});

describe('who may move an endpoint', () => {
  const statementsOf = (unit: string) => {
    const found = ofType('AWS::Lambda::Function').find(
      ([, { Properties }]) => Properties['FunctionName'] === `millrace-prod-${unit}`,
    );
    const role = found?.[1].Properties['Role'] as { 'Fn::GetAtt': string[] } | undefined;
    return statementsOfRole(role?.['Fn::GetAtt'][0]).filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith('lambda:')),
    );
  };
  const endpointArns = ['rain', 'snow'].flatMap((name) => {
    const id = idOf('AWS::Lambda::Function', ({ FunctionName }) => FunctionName === `millrace-prod-endpoint-${name}`);
    const arn = { 'Fn::GetAtt': [id, 'Arn'] };
    return [arn, { 'Fn::Join': ['', [arn, ':*']] }];
  });

  test('the rollout: exactly these actions, on the endpoints’ functions alone', () => {
    const statements = statementsOf('serving-roll-out-model');
    expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
      'lambda:GetAlias',
      'lambda:GetFunctionConfiguration',
      'lambda:InvokeFunction',
      'lambda:PublishVersion',
      'lambda:UpdateAlias',
      'lambda:UpdateFunctionConfiguration',
    ]);
    expect(statements.flatMap(({ Resource }) => Resource)).toEqual(endpointArns);
  });

  test.each(['serving-api', 'serving-request-rollout', 'serving-return-endpoint'])(
    '%s: the alias, and nothing of code, configuration or versions',
    (unit) => {
      const statements = statementsOf(unit);
      expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
        'lambda:GetAlias',
        'lambda:GetFunctionConfiguration',
        'lambda:UpdateAlias',
      ]);
      expect(statements.flatMap(({ Resource }) => Resource)).toEqual(endpointArns);
    },
  );

  test('nobody may delete a function or a version', () => {
    expect(JSON.stringify(resources)).not.toMatch(/lambda:Delete|lambda:\*/);
  });
});

describe('the serving stack', () => {
  test('hears champions, ended rollouts and dead executions, each with a dead letter queue', () => {
    const rules = ofType('AWS::Events::Rule').map(([, { Properties }]) => Properties);
    expect(rules.map(({ EventPattern }) => (EventPattern as { 'detail-type': string[] })['detail-type'])).toEqual([
      ['ChampionChosen', 'RolloutEnded'],
      ['Step Functions Execution Status Change'],
    ]);
    for (const { Targets } of rules) {
      expect((Targets as object[])[0]).toHaveProperty('DeadLetterConfig.Arn');
    }
  });

  test('has exactly these resources', () => {
    const census: Record<string, number> = {};
    for (const child of stack.node.findAll()) {
      if (child instanceof CfnResource) census[child.cfnResourceType] = (census[child.cfnResourceType] ?? 0) + 1;
    }
    expect(census).toMatchInlineSnapshot(`
{
  "AWS::CloudWatch::Alarm": 10,
  "AWS::DynamoDB::Table": 1,
  "AWS::Events::Rule": 2,
  "AWS::IAM::Policy": 8,
  "AWS::IAM::Role": 8,
  "AWS::Lambda::Alias": 2,
  "AWS::Lambda::EventInvokeConfig": 3,
  "AWS::Lambda::Function": 7,
  "AWS::Lambda::Permission": 5,
  "AWS::Logs::LogGroup": 8,
  "AWS::Logs::SubscriptionFilter": 2,
  "AWS::SNS::Subscription": 1,
  "AWS::SQS::Queue": 3,
  "AWS::SQS::QueuePolicy": 3,
  "AWS::StepFunctions::StateMachine": 1,
}
`);
  });

  test('stands without any endpoint', () => {
    const empty = Template.fromStack(aServingStack({}));
    empty.resourceCountIs('AWS::Lambda::Alias', 0);
    empty.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  });
});
