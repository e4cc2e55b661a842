import { describe, expect, test } from '@jest/globals';
import { labelsOfManifest } from '../../lambdas/data/ground-truth-manifest.ts';

/** The members that the developer guide of SageMaker documents ("Output Data", classification jobs). */
const line = (metadata: object, more: object = {}) =>
  JSON.stringify({
    'source-ref': 's3://images/1.jpg',
    'millrace-item': 'p1',
    label: 0,
    'label-metadata': {
      ...{ 'class-name': 'clear', confidence: 0.8, type: 'groundtruth/image-classification' },
      ...{ 'job-name': 'labeling-job/x', 'human-annotated': 'yes', 'creation-date': '2018-10-18T22:18:13.527256' },
      ...metadata,
    },
    ...more,
  });

describe('the output manifest of a labelling job', () => {
  test('is read line by line: who, what, how sure, when', () => {
    const text = `${line({})}\n${line({ type: 'groundtruth/text-classification', 'human-annotated': 'no', confidence: undefined })}\n`;
    expect(labelsOfManifest(text, 'label')).toEqual({
      labels: [
        { item: 'p1', label: 'clear', confidence: 0.8, at: '2018-10-18T22:18:13.527Z', byPeople: true },
        { item: 'p1', label: 'clear', at: '2018-10-18T22:18:13.527Z', byPeople: false },
      ],
      failed: [],
    });
  });

  test('names the items that nobody could label', () => {
    const failed = line(
      {},
      { 'label-metadata': { 'failure-reason': 'ClientError: no image', 'human-annotated': 'yes' } },
    );
    const untouched = JSON.stringify({ source: 'x', 'millrace-item': 'p2' });
    expect(labelsOfManifest(`${failed}\n${untouched}`, 'label')).toEqual({ labels: [], failed: ['p1', 'p2'] });
  });

  test.each([
    ['no JSON', 'x', /^line 1: is no JSON$/],
    ['another item', line({}, { 'millrace-item': 7 }), /^line 1: millrace-item: got 7/],
    [
      'another kind of job',
      line({ type: 'groundtruth/object-detection' }),
      /label-metadata\.type: got "groundtruth\/object/,
    ],
    [
      'no class',
      line({ 'class-name': undefined }),
      /label-metadata\.class-name: got nothing, expected the name of a class/,
    ],
    ['no time', line({ 'creation-date': 'soon' }), /label-metadata\.creation-date: got "soon", expected a time/],
  ])('of %s is refused with line and field', (_what, text, message) => {
    expect(() => labelsOfManifest(text, 'label')).toThrow(message);
  });
});
