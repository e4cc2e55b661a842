import { describe, expect, test } from '@jest/globals';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import { handler } from '../../lambdas/data/handlers/api.ts';
import { createDatasetEndpoint } from '../../lambdas/data/handlers/create-dataset.ts';
import { createUploadEndpoint } from '../../lambdas/data/handlers/create-upload.ts';
import { listVersionsEndpoint } from '../../lambdas/data/handlers/list-versions.ts';
import { showDatasetEndpoint } from '../../lambdas/data/handlers/show-dataset.ts';
import { showIngestionEndpoint } from '../../lambdas/data/handlers/show-ingestion.ts';
import { showProfileEndpoint } from '../../lambdas/data/handlers/show-profile.ts';
import { showVersionEndpoint } from '../../lambdas/data/handlers/show-version.ts';
import { ingestObject } from '../../lambdas/data/ingest.ts';
import { api } from '../../lambdas/shared/api.ts';
import type { RouteTable } from '../../lambdas/shared/route.ts';
import { type ApiEventParts, anApiEvent } from '../builders/api-event.ts';
import { weatherSpec, weatherSpecText } from '../builders/dataset.ts';
import { lineRefinery } from '../fakes/line-refinery.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const silent = { info() {}, error() {} };
const UPLOAD = '0123456789abcdefghjkmnpqrs';

/** The data domain's API over memory, with a dataset in it. */
async function anApi() {
  const table = memoryTable();
  const zones = { raw: memoryObjects('raw'), curated: memoryObjects('curated') };
  const clock = () => new Date('2026-01-05T09:00:00Z');
  const presign = async (key: string) => ({ url: `https://raw.example/${key}`, headers: {} });
  const mounted = api(
    [
      createDatasetEndpoint.with({ table, clock }),
      showDatasetEndpoint.with({ table }),
      createUploadEndpoint.with({ table, presign, clock, newId: () => UPLOAD }),
      showIngestionEndpoint.with({ table }),
      listVersionsEndpoint.with({ table }),
      showVersionEndpoint.with({ table, curated: zones.curated }),
      showProfileEndpoint.with({ table, curated: zones.curated }),
    ],
    { logger: silent },
  ).lambda();
  const call = async (parts: ApiEventParts) => {
    const { statusCode, body } = await mounted(anApiEvent(parts), {} as never);
    return { status: statusCode, body: JSON.parse(body) as Record<string, unknown> };
  };
  const ingest = async (key: string, content: string) => {
    await zones.raw.put(key, content);
    return ingestObject(
      { table, ...zones, partBytes: 1024 ** 3, prove: async () => true, refinery: lineRefinery(zones), clock },
      { key, bytes: content.length },
    );
  };
  const created = await call({ method: 'PUT', path: '/data/datasets/weather', body: { spec: weatherSpecText() } });
  return { call, ingest, created, curated: zones.curated };
}

describe('the data API', () => {
  test('mounts every route of the contract', async () => {
    for (const { method, path } of Object.values(DataRoutes as RouteTable)) {
      const event = anApiEvent({ method, path: path.replaceAll(/\{\w+\}/g, 'x'), caller: null });
      expect(await handler(event, {} as never)).toMatchObject({ statusCode: 401 });
    }
  });

  test('creates a dataset and shows it', async () => {
    const { call, created } = await anApi();
    expect(created).toMatchObject({ status: 200, body: { dataset: 'weather', spec: weatherSpec() } });
    expect(await call({ path: '/data/datasets/weather' })).toEqual(created);
  });

  test('leads a file from its announcement to its version and profile', async () => {
    const { call, ingest } = await anApi();
    const body = { fileName: 'seattle.csv', bytes: 4 };
    const upload = await call({ method: 'POST', path: '/data/datasets/weather/uploads', body });
    const key = `default/weather/2026-01-05/${UPLOAD}/seattle.csv`;
    expect(upload.body).toEqual({
      uploadId: UPLOAD,
      url: `https://raw.example/${key}`,
      method: 'PUT',
      headers: {},
      key,
      expiresAt: '2026-01-05T09:15:00.000Z',
    });
    const path = `/data/datasets/weather/uploads/${UPLOAD}`;
    expect((await call({ path })).body).toMatchObject({ status: 'waiting' });
    await ingest(key, '1\n2\n');
    const { body: ended } = await call({ path });
    expect(ended).toMatchObject({ status: 'succeeded', rows: 2, number: 1 });
    for (const version of ['latest', '1', encodeURIComponent(String(ended['version']))]) {
      const shown = await call({ path: `/data/datasets/weather/versions/${version}` });
      expect(shown.body).toMatchObject({ version: ended['version'], manifest: { rows: 2 } });
    }
    const profile = await call({ path: '/data/datasets/weather/versions/latest/profile' });
    expect(profile.body).toMatchObject({ schema: 'millrace/profile/2', version: ended['version'], rows: 2 });
    const { body: list } = await call({ path: '/data/datasets/weather/versions' });
    expect(list).toMatchObject({ versions: [{ number: 1 }] });
  });

  test('says that a manifest was changed instead of showing it', async () => {
    const { call, ingest, curated } = await anApi();
    await ingest(`default/weather/2026-01-05/${UPLOAD}/a.csv`, '1\n2\n');
    const [key = ''] = curated.keys().filter((each) => each.includes('/manifests/'));
    const manifest = Buffer.from((await curated.get(key)) as Uint8Array).toString();
    for (const other of [manifest.replace('"rows":2', '"rows":3'), manifest.replace('weather', 'snow'), '{}', 'no']) {
      await curated.put(key, other);
      const shown = await call({ path: '/data/datasets/weather/versions/latest' });
      expect(shown).toMatchObject({ status: 500, body: { name: 'ManifestDamaged' } });
    }
  });

  test.each<[ApiEventParts, number, string]>([
    [{ method: 'PUT', path: '/data/datasets/weather', body: { spec: 'a: 1' } }, 400, 'DatasetSpecInvalid'],
    [{ method: 'PUT', path: '/data/datasets/snow', body: { spec: weatherSpecText() } }, 400, 'DatasetSpecInvalid'],
    [{ method: 'PUT', path: '/data/datasets/weather', body: { spec: 'a', more: 1 } }, 400, 'InvalidInput'],
    [{ method: 'PUT', path: '/data/datasets/weather', body: {}, caller: { roles: 'auditor' } }, 403, 'RoleMissing'],
    [{ path: '/data/datasets/weather', caller: { roles: 'app' } }, 403, 'RoleMissing'],
    [{ path: '/data/datasets/weather', caller: { workspaces: 'blue' } }, 403, 'WorkspaceDenied'],
    [{ path: '/data/datasets/snow' }, 404, 'DatasetMissing'],
    [{ path: '/data/datasets/%2e%2e' }, 400, 'InvalidInput'],
    [{ path: '/data/datasets/weather/uploads/none' }, 404, 'UploadMissing'],
    [{ path: '/data/datasets/weather/versions/latest' }, 404, 'DatasetVersionMissing'],
    [{ path: '/data/datasets/weather/versions/7/profile' }, 404, 'DatasetVersionMissing'],
    [{ path: '/data/datasets/weather/versions/newest' }, 404, 'DatasetVersionMissing'],
    [{ path: '/data/datasets/weather/versions/0' }, 400, 'InvalidInput'],
    [{ path: '/data/datasets/snow/versions' }, 404, 'DatasetMissing'],
    [
      { method: 'POST', path: '/data/datasets/weather/uploads', body: { fileName: '../x', bytes: 1 } },
      400,
      'FileNameInvalid',
    ],
    [
      { method: 'POST', path: '/data/datasets/weather/uploads', body: { fileName: 'x', bytes: -1 } },
      400,
      'InvalidInput',
    ],
  ])('%j is answered with %i %s', async (parts, status, name) => {
    const { call } = await anApi();
    expect(await call(parts)).toMatchObject({ status, body: { name } });
  });
});
