import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../../bin/local/places.ts';

interface Entry {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

/**
 * npm leaves a platform's package out of the lock file when the registry it asks does not carry it, and `npm ci`
 * then fails on every platform. Such an entry can be written by hand: version, os, cpu, "optional": true.
 */
test('the lock file names every optional package, or npm ci refuses it', () => {
  const { packages } = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Entry>;
  };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`]?.version && !packages[`${path}/node_modules/${name}`]?.version,
    ),
  );
  expect(missing).toEqual([]);
});
