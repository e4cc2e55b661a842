import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ROOT } from './command.ts';
import type { SourceFile } from './file-rules.ts';

const BINARY = /\.(png|jpg|gif|ico|onnx|parquet|gz|zip|woff2?)$/;

/** Every file below a folder that .gitignore does not leave out; it needs no git, an unpacked archive has none. */
export function pathsBelow(folder: string): string[] {
  const left = new Set(['.git', ...ignored()]);
  const visit = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      if (left.has(entry.name)) return [];
      const inside = join(path, entry.name);
      if (entry.isDirectory()) return visit(inside);
      return entry.isFile() ? [relative(ROOT, inside).split(sep).join('/')] : [];
    });
  return visit(join(ROOT, folder)).sort();
}

/** The repository's text files. */
export const repositoryFiles = (): SourceFile[] =>
  pathsBelow('.')
    .filter((path) => !BINARY.test(path) && statSync(join(ROOT, path)).size < 4_000_000)
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

/** This repository's .gitignore names folders and files, no patterns that cross folders. */
const ignored = () =>
  readFileSync(join(ROOT, '.gitignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim().replace(/\/$/, ''))
    .filter((line) => line && !line.startsWith('#') && !line.includes('*'));
