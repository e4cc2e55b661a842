import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pathsBelow } from '../../bin/check/repository-files.ts';
import { StageConfig } from '../../lib/shared/stage.ts';
import { synthesizedApp } from './synthesized-app.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

/** The rows of the table of stacks: which, when it is made, what it holds. */
const [, section = ''] = read('docs/architecture.md').split(/^## Stacks$/m);
const listed = (section.split(/^## /m)[0] ?? '').split('\n').flatMap((line) => {
  const [, name, made, holds] = /^\| `([\w-]+)` \| (.+?) \| (.+) \|$/.exec(line) ?? [];
  return name && made && holds ? [{ name, made, holds }] : [];
});

/** The names that the classes of stacks in lib/ give themselves. */
const stacks = pathsBelow('lib')
  .filter((path) => path.endsWith('-stack.ts'))
  .flatMap((path) => [...read(path).matchAll(/super\(app, '([\w-]+)', stage\)/g)].map(([, name]) => name as string));

describe('docs/architecture.md', () => {
  test('lists every stack that there is, and no other', () => {
    expect(stacks.length).toBeGreaterThan(5);
    expect(listed.map(({ name }) => name).sort()).toEqual(stacks.sort());
  });

  test('lists as always made what every stage has, and nothing else', () => {
    const made = Object.keys(synthesizedApp('prod')).map((name) => name.replace('millrace-prod-', ''));
    const always = listed.filter((stack) => stack.made === 'always').map(({ name }) => name);
    expect(always.sort()).toEqual(made.sort());
  });

  test('names the key of the stage that asks for each of the others', () => {
    for (const { name, made } of listed.filter((stack) => stack.made !== 'always')) {
      const [, key = ''] = /^with `(\w+)`$/.exec(made) ?? [];
      expect([name, Object.keys(StageConfig.shape)]).toEqual([name, expect.arrayContaining([key])]);
    }
  });
});
