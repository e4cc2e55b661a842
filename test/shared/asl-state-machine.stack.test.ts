import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { pathsBelow } from '../../bin/check/repository-files.ts';
import { LineageApiEnv } from '../../lambdas/lineage/contract.ts';
import { AslStateMachine, checkPlaceholders, checkTimeouts } from '../../lib/shared/asl-state-machine.ts';
import { PlatformFunction } from '../../lib/shared/platform-function.ts';
import { Sub, type Substitution } from '../../lib/shared/substitution.ts';
import { aPlatformStack } from '../builders/platform-stack.ts';

const FILES = pathsBelow('state-machines').filter((path) => path.endsWith('.asl.json'));
const nameOf = (path: string) => path.replace('state-machines/', '').replace('.asl.json', '');
const placeholdersOf = (path: string) => {
  const text = readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
  return [...new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name as string))];
};

/** Any machine of the platform, its first placeholder filled as given and the others with text. */
function aMachine(first: (stack: ReturnType<typeof aPlatformStack>) => Substitution = () => Sub.text('text')) {
  const stack = aPlatformStack();
  const [path] = FILES as [string];
  const filled = placeholdersOf(path).map((name, i) => [name, i === 0 ? first(stack) : Sub.text('text')]);
  const machine = new AslStateMachine(stack, 'Machine', {
    file: nameOf(path),
    substitutions: Object.fromEntries(filled) as Record<string, Substitution>,
  });
  return { machine, name: nameOf(path), template: Template.fromStack(stack) };
}
const LOGS_AND_TRACES = expect.arrayContaining(['logs:CreateLogDelivery', 'xray:PutTraceSegments']);
const statementsOf = (template: Template) =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith('MachineRole'))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown }[]);

describe('a state machine from a file', () => {
  test('is a Standard one with the name of its file, its logs without payloads, and traces', () => {
    const { name, template } = aMachine();
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: `millrace-prod-${name.replace('/', '-')}`,
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false, Destinations: Match.anyValue() },
      TracingConfiguration: { Enabled: true },
    });
  });

  test('has the permissions of its substitutions and of its log, and no other', () => {
    expect(statementsOf(aMachine().template)).toEqual([{ Action: LOGS_AND_TRACES, Effect: 'Allow', Resource: '*' }]);
    const { template } = aMachine((stack) =>
      Sub.invoke(
        new PlatformFunction(stack, 'Fn', {
          handler: 'lineage/api',
          env: LineageApiEnv,
          variables: { CATALOGUE_TABLE: 'catalogue' },
        }),
      ),
    );
    expect(statementsOf(template)).toEqual([
      { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: { 'Fn::GetAtt': [expect.any(String), 'Arn'] } },
      { Action: LOGS_AND_TRACES, Effect: 'Allow', Resource: '*' },
    ]);
  });

  test('that starts another one may start that one only', () => {
    const { template } = aMachine(() => Sub.startExecution({ arn: 'arn:aws:states:::stateMachine:other' }));
    expect(statementsOf(template)[0]).toMatchObject({
      Action: 'states:StartExecution',
      Resource: 'arn:aws:states:::stateMachine:other',
    });
  });

  test.each(FILES.map((path) => ({ path })))('$path keeps the rules of its construct', ({ path }) => {
    const text = readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
    expect(() => checkPlaceholders(nameOf(path), text, placeholdersOf(path))).not.toThrow();
    expect(() => checkTimeouts(nameOf(path), text)).not.toThrow();
  });
});

describe('placeholders', () => {
  const text = '{ "Resource": "${Count}", "Other": "${Store}" }';

  test('that are not filled fail the synth', () => {
    expect(() => checkPlaceholders('data/count-rows', text, ['Count'])).toThrow(
      'data/count-rows: substitutions lack Store, and nothing stands in no state',
    );
  });

  test('that nobody uses fail the synth', () => {
    expect(() => checkPlaceholders('data/count-rows', text, ['Count', 'Store', 'Spoon'])).toThrow(
      'data/count-rows: substitutions lack nothing, and Spoon stands in no state',
    );
  });
});

describe('a task without a timeout', () => {
  const aDefinition = (state: object) => JSON.stringify({ StartAt: 'A', States: { A: state } });

  test.each([
    ['at the top', aDefinition({ Type: 'Task' })],
    ['in a Map', aDefinition({ Type: 'Map', ItemProcessor: { States: { A: { Type: 'Task' } } } })],
    ['in a Parallel', aDefinition({ Type: 'Parallel', Branches: [{ States: { A: { Type: 'Task' } } }] })],
  ])('%s fails the synth', (_, text) => {
    expect(() => checkTimeouts('data/count-rows', text)).toThrow('data/count-rows: task A has no TimeoutSeconds');
  });

  test('is none when it has one', () => {
    expect(() => checkTimeouts('data/count-rows', aDefinition({ Type: 'Task', TimeoutSeconds: 3 }))).not.toThrow();
  });
});
