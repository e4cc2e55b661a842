import { describe, expect, test } from '@jest/globals';
import { kindOf, select } from '../../bin/test/kinds.ts';
import { add, inWords, talliesOf } from '../../bin/test/tally.ts';

const FILES = [
  'test/data/manifest.test.ts',
  'test/data/zones.stack.test.ts',
  'test/data/ingest-dataset.asl.test.ts',
  'test/repo/docs.test.ts',
  'test/data/refined-rows.engine.test.ts',
  'test/local/data/ingest-dataset.test.ts',
];

const chosen = (...words: string[]) => {
  const selection = select(words, FILES);
  if ('unknown' in selection) return selection;
  return { check: selection.check, files: [...selection.files.values()].flat() };
};

describe('the test runner chooses', () => {
  test('the kind of a file by its place and name', () => {
    expect(FILES.map(kindOf)).toEqual(['unit', 'stack', 'workflow', 'repo', 'engine', 'local']);
  });

  test('everything where nothing is chosen', () => {
    expect(chosen()).toEqual({ check: true, files: FILES });
  });

  test('kinds, files, or files of a kind', () => {
    expect(chosen('unit', 'repo')).toEqual({ check: false, files: [FILES[0], FILES[3]] });
    expect(chosen('ingest-dataset')).toEqual({ check: false, files: [FILES[2], FILES[5]] });
    expect(chosen('local', 'ingest-dataset')).toEqual({ check: false, files: [FILES[5]] });
  });

  test('the check alone, or with tests', () => {
    expect(chosen('check')).toEqual({ check: true, files: [] });
    expect(chosen('check', 'unit')).toEqual({ check: true, files: [FILES[0]] });
  });

  test('nothing for a word that fits nothing', () => {
    expect(chosen('unitt')).toEqual({ unknown: 'unitt' });
    expect(chosen('unit', 'docs')).toEqual({ unknown: 'docs' });
  });
});

describe('the test runner counts', () => {
  const ended = (...statuses: string[]) => statuses.map((status) => ({ status }));

  test('each end of a test', () => {
    const tallies = talliesOf({
      testResults: [
        { name: 'a', status: 'failed', assertionResults: ended('passed', 'passed', 'failed', 'pending', 'todo') },
      ],
    });
    expect(tallies.get('a')).toEqual({ passed: 2, failed: 1, skipped: 2 });
  });

  test('a file that could not run as one failed test', () => {
    const tallies = talliesOf({ testResults: [{ name: 'a', status: 'failed', assertionResults: [] }] });
    expect(tallies.get('a')).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('a file whose set-up failed behind passed tests as failed', () => {
    const tallies = talliesOf({ testResults: [{ name: 'a', status: 'failed', assertionResults: ended('passed') }] });
    expect(tallies.get('a')).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test('in the words that CI reads', () => {
    const sum = add({ passed: 2, failed: 0, skipped: 0 }, { passed: 3, failed: 1, skipped: 0 });
    expect(inWords(sum)).toBe('5 passed, 1 failed');
    expect(inWords({ passed: 1, failed: 0, skipped: 4 })).toBe('1 passed, 0 failed, 4 skipped');
  });
});
