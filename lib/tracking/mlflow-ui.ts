import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ShippedFiles } from '../shared/bundle-code.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The stock UI as set-up took it out of its wheel: 8 MB of compressed files beside the function's code. */
export const mlflowUi: ShippedFiles = {
  name: 'mlflow-ui',
  copyInto(folder) {
    // A process of its own, since set-up is asynchronous and bundling is not.
    const { status, stdout } = spawnSync(process.execPath, ['bin/local/place-mlflow-ui.mjs'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) throw new Error('the stock MLflow UI is not set up: what is missing is said above');
    cpSync(stdout, join(folder, 'mlflow-ui'), { recursive: true });
  },
};
