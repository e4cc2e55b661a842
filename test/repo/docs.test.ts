import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { pathsBelow } from '../../bin/check/repository-files.ts';
import { reference } from '../../bin/help.ts';
import { verbs } from '../../bin/verbs.ts';
import type { ErrorKind } from '../../lambdas/shared/errors.ts';
import { StageConfig } from '../../lib/shared/stage.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const CODE_SPAN = /^`([^`]+)`$/;

/** The rows of every table of a page whose first cell is one piece of code: that code, and the other cells. */
function rowsOf(page: string): { name: string; cells: string[] }[] {
  return read(page)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
    .flatMap(([first = '', ...cells]) => {
      const name = CODE_SPAN.exec(first)?.[1];
      return name ? [{ name, cells }] : [];
    });
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | false;
  propertyNames?: unknown;
  required?: string[];
  default?: unknown;
}

/** Every key that a person can set, by its path, with its default; a record stands for itself and for its members. */
function keysOf(schema: JsonSchema, at = '', whole?: unknown): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const path = at + name;
    const given = (whole as Record<string, unknown> | undefined)?.[name] ?? part.default;
    if (part.properties) for (const [key, value] of keysOf(part, `${path}.`, given)) keys.set(key, value);
    else
      keys.set(path, given === undefined ? (at && schema.required?.includes(name) ? 'required' : 'none') : code(given));
    if (part.propertyNames && part.additionalProperties)
      for (const [key, value] of keysOf(part.additionalProperties, `${path}.<name>.`)) keys.set(key, value);
  }
  return keys;
}
const code = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

describe('docs/configuration.md', () => {
  const rows = rowsOf('docs/configuration.md');
  const variables = rows.filter(({ name }) => /^[A-Z_]+$/.test(name));
  const keys = rows.filter((row) => !variables.includes(row));

  test('lists every key of a stage with its default, and nothing else', () => {
    const listed = keys.map(({ name, cells }) => [name, cells[0]]);
    const schema = z.toJSONSchema(StageConfig, { io: 'input' }) as JsonSchema;
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(keysOf(schema)));
    expect(new Set(listed.map(([name]) => name)).size).toBe(listed.length);
  });

  test('says something of each', () => {
    for (const { name, cells } of rows) expect([name, (cells[1] ?? '').length > 20]).toEqual([name, true]);
  });

  test('lists every variable that the command line reads, and nothing else', () => {
    const own = (name: string) => name.startsWith('MILLRACE_') || name === 'AWS_ENDPOINT_URL';
    const used = pathsBelow('bin')
      .filter((path) => /\.(ts|mjs)$/.test(path) && !path.startsWith('bin/test/'))
      .flatMap((path) => [...read(path).matchAll(/process\.env(?:\.|\[')(\w+)/g)].map(([, name]) => name as string))
      .filter(own);
    expect(variables.map(({ name }) => name).sort()).toEqual([...new Set(used)].sort());
  });
});

describe('docs/errors.md', () => {
  const catalogued = new Map<string, ErrorKind>();
  const twice: string[] = [];

  beforeAll(async () => {
    const seen = new Set<unknown>();
    const files = ['lambdas', 'bin'].flatMap(pathsBelow).filter((path) => path.endsWith('.ts'));
    for (const path of files.filter((each) => /\berrorCatalogue\(\{/.test(read(each)))) {
      const module = (await import(join(ROOT, path))) as Record<
        string,
        { kinds?: Record<string, ErrorKind> } | undefined
      >;
      for (const { kinds } of Object.values(module).filter((each) => each?.kinds) as {
        kinds: Record<string, ErrorKind>;
      }[]) {
        if (seen.has(kinds)) continue;
        seen.add(kinds);
        for (const [name, kind] of Object.entries(kinds)) {
          if (catalogued.has(name)) twice.push(name);
          catalogued.set(name, kind);
        }
      }
    }
  });

  test('lists every error with its kind, and nothing else', () => {
    const listed = rowsOf('docs/errors.md').filter(({ name }) => /^[A-Z]/.test(name));
    expect(Object.fromEntries(listed.map(({ name, cells }) => [name, cells[0]]))).toEqual(
      Object.fromEntries(catalogued),
    );
    expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
  });

  test('says of each what happened and what to do', () => {
    for (const { name, cells } of rowsOf('docs/errors.md').filter(({ name }) => /^[A-Z]/.test(name))) {
      const [, happened = '', remedy = ''] = cells;
      expect([name, happened.length > 15, remedy.length > 15]).toEqual([name, true, true]);
    }
  });

  test('leaves out what nothing raises any more', () => {
    const raised = ['lambdas', 'bin']
      .flatMap(pathsBelow)
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => [...read(path).matchAll(/Errors\.([A-Z]\w+)\b/g)].map(([, name]) => name));
    expect([...catalogued.keys()].filter((name) => !raised.includes(name))).toEqual([]);
  });

  test('no two domains give the same name to two errors: workflows and people know errors by name', () => {
    expect(twice).toEqual([]);
  });
});

describe('every page', () => {
  const pages = pathsBelow('.').filter((path) => path.endsWith('.md'));

  test.each(pages.map((page) => ({ page })))('$page names only verbs that there are', ({ page }) => {
    const named = [...read(page).matchAll(/`millrace ([a-z]+ [a-z]+(?:-[a-z]+)*)/g)].map(([, name]) => name);
    expect(named.filter((name) => !verbs.some((verb) => `${verb.name} `.startsWith(`${name} `)))).toEqual([]);
  });

  test.each(pages.map((page) => ({ page })))('$page links only to files that there are', ({ page }) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, link]) => link as string);
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });
});

describe('docs/cli.md', () => {
  const page = read('docs/cli.md');

  test('is what the verbs say of themselves', () => {
    expect(page.trim()).toBe(reference(verbs).trim());
  });

  test('has a section for every verb, and no other', () => {
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, name]) => name);
    expect(headings.sort()).toEqual(verbs.map(({ name }) => name).sort());
  });

  test('has an example of every verb, which begins with its name', () => {
    for (const { name, examples } of verbs) {
      expect([name, examples.length > 0]).toEqual([name, true]);
      for (const example of examples) expect(example.startsWith(`millrace ${name}`)).toBe(true);
    }
  });
});
