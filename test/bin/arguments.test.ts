import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { parseWords } from '../../bin/arguments.ts';
import { usage } from '../../bin/help.ts';
import { verb } from '../../bin/verb.ts';

const put = verb({
  name: 'data put',
  summary: 'Upload a file.',
  input: z.object({
    dataset: z.string().describe('the dataset'),
    file: z.string().describe('the file'),
    partSize: z.number().int().positive().default(8).describe('MB a part'),
    tag: z.array(z.string()).optional().describe('a tag'),
    wait: z.boolean().default(false).describe('wait for the end'),
  }),
  positionals: ['dataset', 'file'],
  examples: ['millrace data put weather a.csv'],
  run: async () => ({}),
});

describe('the words of a command', () => {
  test('become the checked input of its verb', () => {
    expect(
      parseWords(put, ['weather', 'a.csv', '--part-size', '16', '--tag', 'a', '--tag', 'b', '--wait', '--json']),
    ).toMatchObject({
      json: true,
      input: { dataset: 'weather', file: 'a.csv', partSize: 16, tag: ['a', 'b'], wait: true },
    });
  });

  test('may name a positional as an option', () => {
    expect(parseWords(put, ['weather', '--file', 'a.csv']).input).toMatchObject({
      dataset: 'weather',
      file: 'a.csv',
      partSize: 8,
      wait: false,
    });
  });

  test('go to the last argument where that is a list, and no option is taken for one of them', () => {
    const many = verb({
      ...put,
      input: z.object({ dataset: z.string(), files: z.array(z.string()).min(1), wait: z.boolean().default(false) }),
      positionals: ['dataset', 'files'],
    });
    expect(parseWords(many, ['weather', 'a.csv', '--wait', 'b.csv', '--', '-c.csv']).input).toEqual({
      dataset: 'weather',
      files: ['a.csv', 'b.csv', '-c.csv'],
      wait: true,
    });
    expect(() => parseWords(many, ['weather'])).toThrow(/files: got nothing/);
    expect(usage(many)).toContain('millrace data put <dataset> <files …>');
  });

  test.each([
    [['weather'], 'file: got nothing'],
    [['weather', 'a.csv', 'b.csv'], 'got 3 arguments'],
    [['weather', 'a.csv', '--colour', 'red'], '--colour'],
    [['weather', 'a.csv', '--part-size', 'big'], 'partSize: got "big"'],
    [['weather', 'a.csv', '--part-size=-1'], 'partSize: got -1'],
  ])('%j are refused with what is wrong', (words, reason) => {
    expect(() => parseWords(put, words)).toThrow(
      expect.objectContaining({ name: 'InvalidInput', kind: 'invalid', message: expect.stringContaining(reason) }),
    );
  });

  test('ask for help without giving what the verb needs', () => {
    expect(parseWords(put, ['--help']).help).toBe(true);
  });
});

test('the help of a verb names every option, its default and the examples', () => {
  const text = usage(put);
  for (const part of [
    'millrace data put <dataset> <file>',
    '--part-size',
    '(default 8)',
    '--tag',
    '--wait',
    '--workspace',
    'millrace data put weather a.csv',
  ]) {
    expect(text).toContain(part);
  }
});
