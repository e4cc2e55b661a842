import { expect, test } from '@jest/globals';
import { lastWords } from '../../../bin/local/cdk.ts';

test('a failed deployment is told from the first line that names a failure', () => {
  const output = [
    'millrace-local-data: deploying... [2/7]',
    ...Array.from({ length: 40 }, (_, i) => `millrace-local-data | ${i} | CREATE_COMPLETE | AWS::IAM::Role`),
    'millrace-local-data | 41 | CREATE_FAILED | AWS::S3::Bucket | Zone: name is taken',
    'millrace-local-data | 42 | ROLLBACK_IN_PROGRESS',
    '❌  millrace-local-data failed',
  ].join('\n');
  expect(lastWords(output).split('\n')).toEqual([
    'millrace-local-data | 41 | CREATE_FAILED | AWS::S3::Bucket | Zone: name is taken',
    'millrace-local-data | 42 | ROLLBACK_IN_PROGRESS',
    '❌  millrace-local-data failed',
  ]);
});

test('a failure without such a line is told by the last lines', () => {
  const output = Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n');
  expect(lastWords(output, 2)).toBe('line 38\nline 39');
});
