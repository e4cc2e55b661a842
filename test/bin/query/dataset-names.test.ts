import { expect, test } from '@jest/globals';
import { namedVersions, versionNamed } from '../../../bin/query/dataset-names.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;

test.each([
  ['flights', 'latest'],
  ['flights@latest', 'latest'],
  ['flights@3', '3'],
  ['flights@prod-training', 'prod-training'],
  ['flights@v1.0', 'v1.0'],
  [`flights@${DIGEST}`, DIGEST],
])('%s is a version of flights, as an argument and in a query', (name, version) => {
  expect(versionNamed(name)).toEqual({ dataset: 'flights', version });
  expect(namedVersions([`"${name}" AS f`])).toEqual([{ name, dataset: 'flights', version }]);
});

test.each(['flights@', 'flights@0', 'flights@-x', 'flights@1@2', 'flights@a/b', '../flights'])('%s is none', (name) => {
  expect(() => versionNamed(name)).toThrow(`dataset: got ${name}`);
});
