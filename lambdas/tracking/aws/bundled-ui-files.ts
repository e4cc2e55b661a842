import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UiFile, UiFiles } from '../ui-files.ts';

/** The files that lie in a folder beside the function's code, listed in its `manifest.json`. */
export function bundledUiFiles(folder: string): UiFiles {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, UiFile>;
  const files = new Map(Object.entries(manifest));
  return {
    find: (path) => files.get(path),
    read: ({ digest }) => readFile(join(folder, digest)),
  };
}
