import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A model can name files beside it as its data, and on Lambda the current folder is the function's code. The scanner
 * refuses such models; should one get by, it finds an empty folder.
 */
export const workInEmptyFolder = (): void => process.chdir(mkdtempSync(join(tmpdir(), 'millrace-empty-')));
