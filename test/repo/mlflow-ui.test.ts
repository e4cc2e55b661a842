import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { hasMlflowUi, mlflowUiFolder } from '../../bin/local/mlflow-ui.mjs';
import { bundledUiFiles } from '../../lambdas/tracking/aws/bundled-ui-files.ts';
import { mlflowApi, mount } from '../../lambdas/tracking/mlflow-api.ts';
import { MLFLOW_VERSION } from '../../lambdas/tracking/server-routes.ts';
import type { UiFile } from '../../lambdas/tracking/ui-files.ts';
import { uiRoutes } from '../../lambdas/tracking/ui-routes.ts';
import { anApiEvent } from '../builders/api-event.ts';

const ROOT = join(import.meta.dirname, '../..');
const REQUIREMENTS = 'bin/local/mlflow-ui.txt';

describe('the stock UI that set-up takes out of its wheel', () => {
  const folder = mlflowUiFolder(ROOT);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, UiFile>;
  const bytesOf = ({ digest, gzip }: UiFile) => {
    const kept = readFileSync(join(folder, digest));
    return gzip ? gunzipSync(kept) : kept;
  };

  test('is that of the version whose routes the tracking API has', () => {
    expect(readFileSync(join(ROOT, REQUIREMENTS), 'utf8')).toContain(`mlflow==${MLFLOW_VERSION} `);
  });

  test('is whole: every file has the bytes of its digest, the page and what it asks for are there', () => {
    for (const [path, file] of Object.entries(manifest)) {
      const bytes = bytesOf(file);
      const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
      expect([path, digest, bytes.length]).toEqual([path, file.digest, file.bytes]);
    }
    const page = bytesOf(manifest['index.html'] as UiFile).toString();
    const asked = [...page.matchAll(/(?:src|href)="(?:\.\/)?static-files\/([^"]+)"/g)].map(([, path]) => path);
    expect(asked.length).toBeGreaterThan(2);
    for (const path of asked) expect(manifest).toHaveProperty([String(path)]);
    expect(Object.keys(manifest).filter((path) => path.endsWith('.map'))).toEqual([]);
  });

  test('fits a function: each answer below 6 MB in either form, all of it far below 50 MB', async () => {
    const files = bundledUiFiles(folder);
    const handler = mlflowApi({
      routes: mount(uiRoutes, () => ({ files })),
      requireKnown: async () => {},
      logger: { info: () => {}, error: () => {} },
    });
    const [path] = Object.entries(manifest).sort(([, one], [, other]) => other.bytes - one.bytes)[0] as [
      string,
      UiFile,
    ];
    for (const encoding of ['gzip', 'identity']) {
      const headers = { 'accept-encoding': encoding };
      const answer = await handler(anApiEvent({ path: `/tracking/static-files/${path}`, headers }));
      expect([answer.statusCode, JSON.stringify(answer).length < 6_291_556]).toEqual([200, true]);
    }
    const kept = new Set(Object.values(manifest).map(({ digest }) => digest));
    const total = [...kept].reduce((sum, digest) => sum + readFileSync(join(folder, digest)).length, 0);
    expect(total).toBeLessThan(20_000_000);
  });

  test('is taken out again for another version, and where that was interrupted', () => {
    const root = mkdtempSync(join(tmpdir(), 'millrace-ui-'));
    try {
      mkdirSync(join(root, 'bin/local'), { recursive: true });
      cpSync(join(ROOT, REQUIREMENTS), join(root, REQUIREMENTS));
      expect(hasMlflowUi(root)).toBe(false);
      mkdirSync(mlflowUiFolder(root), { recursive: true });
      expect(hasMlflowUi(root)).toBe(false);
      writeFileSync(join(mlflowUiFolder(root), 'manifest.json'), '{}');
      expect(hasMlflowUi(root)).toBe(true);
      writeFileSync(join(root, REQUIREMENTS), 'mlflow==3.17.3\n');
      expect(hasMlflowUi(root)).toBe(false);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
