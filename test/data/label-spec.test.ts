import { describe, expect, test } from '@jest/globals';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';
import { aLabelSpec } from '../builders/dataset.ts';

const labels = { of: 'sky', key: ['photo'], label: 'label', labeller: 'labeller' };
const columns = aLabelSpec().columns;

describe('a label set', () => {
  test('is read as it is written', () => {
    expect(parseDatasetSpec(JSON.stringify(aLabelSpec())).labels).toEqual(labels);
  });

  test.each<[string, object, RegExp]>([
    [
      'of itself',
      { labels: { ...labels, of: 'sky-labels' } },
      /labels\.of: got "sky-labels", expected another dataset/,
    ],
    [
      'with a key that is no column',
      { labels: { ...labels, key: ['x'] } },
      /labels\.key: .*x is no column of the spec/,
    ],
    ['with a key that names no row', { labels: { ...labels, key: ['at'] } }, /role is key, at has role ignored/],
    ['with a label that is no target', { labels: { ...labels, label: 'at' } }, /labels\.label: .*role is target/],
    ['with a labeller that names no row', { labels: { ...labels, labeller: 'label' } }, /labels\.labeller: .*is key/],
    ['with the labeller as item', { labels: { ...labels, key: ['photo', 'labeller'] } }, /expected each column once/],
    [
      'with a key of its own',
      { columns: { ...columns, id: { type: 'integer', role: 'key' } } },
      /labels\.key: .*id names rows too/,
    ],
    ['with an unknown field', { labels: { ...labels, colour: 1 } }, /labels: .*unrecognized key: "colour"/],
    [
      'whose label is dropped',
      { columns: { ...columns, label: { type: 'string', role: 'target', privacy: { action: 'drop' } } } },
      /label is dropped/,
    ],
  ])('%s is refused', (_what, given, message) => {
    expect(() => parseDatasetSpec(JSON.stringify({ ...aLabelSpec(), ...given }))).toThrow(message);
  });
});
