import { describe, expect, test } from '@jest/globals';
import { synthesizedApp } from './synthesized-app.ts';

interface Statement {
  Action?: string | string[];
  NotAction?: unknown;
  Effect: string;
}

const resources = Object.entries(synthesizedApp('prod')).flatMap(([stack, { Resources }]) =>
  Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({ at: `${stack}/${id}`, Type, Properties })),
);
const ofType = (type: string) => resources.filter(({ Type }) => Type === type);

describe('the templates of prod', () => {
  test('name every action of every role in full', () => {
    const policies = [...ofType('AWS::IAM::Policy'), ...ofType('AWS::IAM::ManagedPolicy')];
    const wildcards = policies.flatMap(({ at, Properties }) =>
      (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement.flatMap(({ Action, NotAction }) =>
        NotAction || [Action].flat().some((action) => action?.includes('*')) ? [at] : [],
      ),
    );
    expect(policies.length).toBeGreaterThan(10);
    expect(wildcards).toEqual([]);
  });

  test('have no custom resource: a deploy runs no code', () => {
    expect(resources.filter(({ Type }) => Type.startsWith('Custom::') || Type.includes('CustomResource'))).toEqual([]);
  });

  test('give every function the one runtime, a log group of its own and a limit below the gateway where it answers one', () => {
    const functions = ofType('AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(10);
    for (const { at, Properties } of functions) {
      expect([at, Properties['Runtime']]).toEqual([at, 'nodejs24.x']);
      expect([at, Properties['LoggingConfig']]).toEqual([at, { LogGroup: expect.anything() }]);
      if (String(Properties['FunctionName']).endsWith('-api')) expect(Properties['Timeout']).toBeLessThan(29);
    }
  });

  test('let no log be kept for ever', () => {
    for (const { at, Properties } of ofType('AWS::Logs::LogGroup'))
      expect([at, Properties['RetentionInDays']]).toEqual([at, 365]);
  });

  test('ask for a token at every method of every API', () => {
    const methods = ofType('AWS::ApiGateway::Method');
    expect(methods.length).toBeGreaterThan(10);
    for (const { at, Properties } of methods) expect([at, Properties['AuthorizationType']]).toEqual([at, 'CUSTOM']);
  });

  test('name every alarm like a path below the stage, with its severity and its section of the runbook', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm');
    const names = alarms.map(({ Properties }) => String(Properties['AlarmName']));
    for (const [i, name] of names.entries()) {
      expect(name).toMatch(/^millrace\/prod\/[a-z]+\/[a-z0-9-]+(\/[a-z0-9-]+)?$/);
      const section = name.split('/').slice(2, 4).join('-');
      expect(String(alarms[i]?.Properties['AlarmDescription'])).toMatch(
        new RegExp(`^\\[(page|ticket)\\] .+\\. Runbook: .+#${section}$`),
      );
    }
    expect(new Set(names).size).toBe(names.length);
  });

  test('give whatever is called asynchronously a place for what it could not handle', () => {
    for (const { at, Properties } of ofType('AWS::Lambda::EventInvokeConfig'))
      expect([at, Properties]).toEqual([
        at,
        expect.objectContaining({ DestinationConfig: { OnFailure: { Destination: expect.anything() } } }),
      ]);
    for (const { at, Properties } of ofType('AWS::Lambda::EventSourceMapping'))
      expect([at, Properties]).toEqual([
        at,
        expect.objectContaining({ FunctionResponseTypes: ['ReportBatchItemFailures'] }),
      ]);
  });
});
