import { describe, expect, test } from '@jest/globals';
import { digestOfJson } from '../../lambdas/shared/digest.ts';
import { ModelSpec } from '../../lambdas/training/contract.ts';
import { parseModelSpec } from '../../lambdas/training/spec-text.ts';
import { rainSpecText } from '../builders/training-spec.ts';

const spec = rainSpecText();
const refused = (text: string) => {
  try {
    parseModelSpec(text);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the spec was taken');
};

describe('a model spec', () => {
  test('of the example says what the demo trains', () => {
    expect(parseModelSpec(spec)).toMatchObject({
      model: 'rain',
      dataset: 'weather',
      endpoint: 'rain',
      target: { name: 'rain_tomorrow', column: 'precipitation', above: 0, ahead: 1, within: 'location', order: 'date' },
      trainer: { kind: 'logistic-regression', l2: 1 },
      rollout: { steps: [10, 100] },
    });
  });

  test('has a default for everything about rollout and drift', () => {
    const short = spec.slice(0, spec.indexOf('rollout:'));
    expect(parseModelSpec(short)).toMatchObject({
      rollout: { steps: [10, 100], bakeSeconds: 300, minRequests: 100, onTooFew: 'replayGolden', maxErrorRate: 0.01 },
      drift: { retrain: true, minRows: 100 },
    });
  });

  test('is the same spec however its lines are ordered and its defaults are written', () => {
    const { schema, model, ...rest } = parseModelSpec(spec);
    const other = JSON.stringify({ ...Object.fromEntries(Object.entries(rest).reverse()), model, schema });
    expect(digestOfJson(parseModelSpec(other))).toBe(digestOfJson(parseModelSpec(spec)));
  });

  test('read again from what is stored is the same spec', () => {
    const parsed = parseModelSpec(spec);
    expect(ModelSpec.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });

  test.each([
    ['an unknown key', spec.replace('owner:', 'colour: blue\nowner:'), 'SpecKeyUnknown', /colour/],
    [
      'an unknown key deep inside',
      spec.replace('ahead: 1', 'ahead: 1\n  behind: 2'),
      'SpecKeyUnknown',
      /target: got .*behind/,
    ],
    ['no target', spec.replace(/target:\n(?: {2}.*\n)+/, ''), 'SpecFieldMissing', /target: got nothing/],
    [
      'no target column',
      spec.replace('  column: precipitation\n', ''),
      'SpecFieldMissing',
      /target.column: got nothing/,
    ],
    ['no gate', spec.replace(/gate:\n(?: {2}.*\n)+/, ''), 'SpecFieldMissing', /gate: got nothing/],
    ['an empty gate', spec.replace(/gate:\n(?: {2}.*\n)+/, 'gate: []\n'), 'SpecFieldInvalid', /gate: got \[\]/],
    [
      'another schema',
      spec.replace('millrace/model/1', 'millrace/model/9'),
      'SpecFieldInvalid',
      /schema: got "millrace\/model\/9"/,
    ],
    [
      'a name with capitals',
      spec.replace('model: rain', 'model: Rain'),
      'SpecFieldInvalid',
      /model: got "Rain", expected lower-case/,
    ],
    [
      'a feature twice',
      spec.replace('temp_max, temp_min', 'wind'),
      'SpecFieldInvalid',
      /features: .*every feature once/,
    ],
    [
      'a target named as a feature',
      spec.replace('rain_tomorrow', 'wind'),
      'SpecFieldInvalid',
      /target.name: got "wind"/,
    ],
    [
      'a trainer of its own invention',
      spec.replace('kind: logistic-regression', 'kind: oracle'),
      'SpecFieldInvalid',
      /trainer/,
    ],
    ['a negative penalty', spec.replace('l2: 1', 'l2: -1'), 'SpecFieldInvalid', /trainer.l2: got -1/],
    ['NaN', spec.replace('above: 0', 'above: .nan'), 'SpecFieldInvalid', /target.above/],
    ['steps that fall', spec.replace('[10, 100]', '[50, 10, 100]'), 'SpecFieldInvalid', /rollout.steps: .*rising/],
    [
      'steps that end early',
      spec.replace('[10, 100]', '[10, 50]'),
      'SpecFieldInvalid',
      /rollout.steps: .*100 as the last/,
    ],
    [
      'a metric that does not exist',
      spec.replace('metric: auc', 'metric: accuracy'),
      'SpecFieldInvalid',
      /gate.1.metric: got "accuracy"/,
    ],
    [
      'by and mayBeWorseBy at once',
      spec.replace('mayBeWorseBy: 0.01', 'mayBeWorseBy: 0.01, by: 1'),
      'SpecFieldInvalid',
      /gate.4/,
    ],
    ['a list', '- a\n- b\n', 'SpecFieldInvalid', /input: got \["a","b"\]/],
    ['nothing', '', 'SpecFieldInvalid', /input: got null/],
    ['no YAML', 'model: [rain', 'SpecNotYaml', /spec: /],
    ['a key twice', `${spec}\nmodel: snow\n`, 'SpecNotYaml', /unique/],
    ['a tag', 'model: !!js/function "x"', 'SpecNotYaml', /tag/],
    [
      'anchors that grow without end',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(9)}]`).join('\n')}`,
      'SpecNotYaml',
      /alias/i,
    ],
  ])('with %s is refused by name, with field, value and rule', (_, text, name, message) => {
    const error = refused(text);
    expect([error.name, error.message]).toEqual([name, expect.stringMatching(message)]);
  });

  test.each([
    ['leaves its folder', 'script: ../train.py'],
    ['is absolute', 'script: /etc/passwd'],
    ['is hidden', 'script: .ssh/id'],
    ['names a remote', 'script: "http://example.com/train.py"'],
  ])('whose script %s is refused', (_, script) => {
    const text = spec.replace('{ kind: logistic-regression, l2: 1 }', `{ kind: script, ${script}, image: python }`);
    expect(refused(text)).toMatchObject({
      name: 'SpecFieldInvalid',
      message: expect.stringMatching(/trainer.script: got/),
    });
  });

  test('whose parameters do not fit into a job’s environment is refused', () => {
    const parameters = `{ text: "${'x'.repeat(250)}", more: "${'y'.repeat(250)}", last: "${'z'.repeat(50)}" }`;
    const text = spec.replace(
      '{ kind: logistic-regression, l2: 1 }',
      `{ kind: script, script: train.py, image: python, parameters: ${parameters} }`,
    );
    expect(refused(text).message).toMatch(/trainer.parameters: .*at most 512 characters/);
  });
});
