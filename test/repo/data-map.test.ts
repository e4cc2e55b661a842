import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const [, section = ''] = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').split('### Inside `data`');
/** Of each part: its rules and its adapters, as the table names them. */
const parts = section
  .slice(0, section.indexOf('\n## '))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| part '))
  .map((line) => line.split('|').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)))
  .map(([, , , rules = [], adapters = []]) => ({ rules, adapters }));

/** Of no part in particular. */
const SHARED = ['contract.ts', 'errors.ts', 'ports.ts'];
const sourcesIn = (folder: string) => readdirSync(join(ROOT, folder)).filter((name) => /\.(ts|py)$/.test(name));

test('docs/architecture.md says of every rule of the data domain which part it belongs to, and names no other', () => {
  const globs = parts.flatMap(({ rules }) => rules);
  const files = sourcesIn('lambdas/data').filter((name) => !SHARED.includes(name));
  expect(files.filter((file) => !globs.some((glob) => matchesGlob(file, glob)))).toEqual([]);
  expect(globs.filter((glob) => !files.some((file) => matchesGlob(file, glob)))).toEqual([]);
});

test('and of every adapter', () => {
  const named = parts
    .flatMap(({ adapters }) => adapters)
    .map((name) => (name.startsWith('-') ? `duckdb${name}` : name));
  const files = sourcesIn('lambdas/data/aws').map((name) => name.replace(/\.ts$/, ''));
  expect([...new Set(named)].sort()).toEqual(files.sort());
});
