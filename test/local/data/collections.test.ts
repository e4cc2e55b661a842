import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parquetReadObjects } from 'hyparquet';
import { ingested, putFile } from '../../../bin/client/uploads.ts';
import { verified } from '../../../bin/commands/data-versions.ts';
import { objectKey } from '../../../lambdas/data/collection.ts';
import { curatedKey, DataRoutes, type DatasetVersionView } from '../../../lambdas/data/contract.ts';
import { digestOf } from '../../../lambdas/shared/digest.ts';
import { aPng } from '../../builders/png-file.ts';
import { runCli } from '../cli-process.ts';
import { dataCloud } from './data-cloud.ts';

const cloud = dataCloud();
const { workspace, api, curated } = cloud;
const dataset = 'flowers';
const named = { workspace, dataset };
const home = mkdtempSync(join(tmpdir(), 'millrace-flowers-'));
const folder = join(home, 'images');

/** What lies in the folder: pictures of two kinds, enough of them for both sides. */
const pictures = new Map(
  Array.from({ length: 16 }, (_, i) => [`${i % 2 ? 'daisy' : 'rose'}/${i}.png`, aPng([i * 15, 255 - i * 15, i])]),
);
const write = (path: string, content: Uint8Array) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const cli = (...words: string[]) => runCli({ ...cloud, workspace }, ...words);
async function put() {
  const end = await cli('data', 'put', dataset, folder);
  if (end.code !== 0) throw new Error(`data put ended with ${end.code}: ${end.stderr}`);
  return end.output as { version: string; number: number; rows: number };
}
const below = (part: string) => curated.list(`${workspace}/${dataset}/${part}/`);
/** The rows of a version as they are kept, both sides. */
async function rowsOf(version: string) {
  const { manifest } = await api.call(DataRoutes.showVersion, { dataset, version });
  const parts = manifest.files.map(async (file) => {
    const bytes = (await curated.get(curatedKey(manifest, file))) as Uint8Array;
    return parquetReadObjects({ file: new Uint8Array(bytes).buffer });
  });
  const rows = (await Promise.all(parts)).flat() as Record<string, unknown>[];
  return { rows: rows.sort((a, b) => (String(a['path']) < String(b['path']) ? -1 : 1)), files: manifest.files };
}
const expectedRows = (files: ReadonlyMap<string, Uint8Array>) =>
  [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => ({
      ...{ path, sha256: digestOf(content), bytes: BigInt(content.length), mediaType: 'image/png' },
      label: path.split('/')[0],
    }));

beforeAll(async () => {
  process.env['MILLRACE_CACHE'] = join(home, 'cache');
  for (const [path, content] of pictures) write(path, content);
  const created = await cli('data', 'create', dataset, '--spec', 'examples/flowers/flowers.yaml');
  if (created.code !== 0) throw new Error(created.stderr);
});
afterAll(() => {
  rmSync(home, { recursive: true });
  cloud.aws.destroy();
});

describe('a folder of pictures', () => {
  let first: string;
  const other = aPng([1, 2, 3], 9);
  const changed = new Map([...pictures, ['rose/0.png', other]]);
  const fewer = new Map([...changed].filter(([path]) => path !== 'daisy/1.png'));

  test('becomes a version that names each by path, digest, size and kind', async () => {
    const ended = await put();
    expect(ended).toMatchObject({ number: 1, rows: 16 });
    first = ended.version;
    const { rows, files } = await rowsOf('1');
    expect(rows).toEqual(expectedRows(pictures));
    expect(new Set(files.map(({ split }) => split))).toEqual(new Set(['train', 'test']));
    expect(await below('objects')).toHaveLength(16);
    expect(await curated.get(objectKey(named, digestOf(other)))).toBeUndefined();
  });

  test('put again as it is makes no version', async () => {
    expect(await put()).toMatchObject({ number: 1, version: first, unchanged: true });
  });

  test('of which one changed sends that one, and the row of that one is another', async () => {
    const before = new Set(await below('objects'));
    write('rose/0.png', other);
    expect(await put()).toMatchObject({ number: 2 });
    expect((await below('objects')).filter((key) => !before.has(key))).toEqual([objectKey(named, digestOf(other))]);
    expect((await rowsOf('2')).rows).toEqual(expectedRows(changed));
    // The version before has what it had.
    expect((await rowsOf('1')).rows).toEqual(expectedRows(pictures));
  });

  test('of which one is gone is a version without it', async () => {
    rmSync(join(folder, 'daisy/1.png'));
    expect(await put()).toMatchObject({ number: 3 });
    expect((await rowsOf('latest')).rows).toEqual(expectedRows(fewer));
  });

  test('that is again what it was is its first digest, under a number of its own', async () => {
    const before = await below('objects');
    for (const [path, content] of pictures) write(path, content);
    expect(await put()).toMatchObject({ number: 4, version: first, unchanged: false });
    expect(await below('objects')).toEqual(before);
    const { versions } = (await cli('data', 'versions', dataset)).output as { versions: DatasetVersionView[] };
    expect(versions.map(({ number, version }) => [number, version === first])).toEqual([
      [4, true],
      [3, false],
      [2, false],
      [1, true],
    ]);
    expect((await cli('data', 'show', dataset)).output).toMatchObject({ latest: { number: 4, version: first } });
    expect((await cli('data', 'manifest', dataset, first)).output).toMatchObject({ number: 4 });
    expect((await rowsOf('1')).rows).toEqual((await rowsOf('4')).rows);
  });

  test('is proved with every object that it names', async () => {
    const verify = () => verified(api, { dataset, version: 'latest' }, () => {});
    const whole = await verify();
    expect(whole).toMatchObject({ findings: [], number: 4, checked: { objects: 16 }, young: 0 });
    const key = objectKey(named, digestOf(pictures.get('daisy/3.png') as Buffer));
    await curated.put(key, other);
    const found = digestOf(other);
    expect((await verify()).findings).toMatchObject([{ kind: 'changed', key, found }]);
    const end = await cli('data', 'verify', `${dataset}@latest`);
    expect(end).toMatchObject({ output: { error: { name: 'VersionUnsound' } } });
    expect(end.code).not.toBe(0);
    await curated.put(key, pictures.get('daisy/3.png') as Buffer);
    expect((await verify()).findings).toEqual([]);
  });
});

describe('an object manifest', () => {
  test('that names what is not there is refused, and leaves no file behind', async () => {
    const files = async () => [...(await below('train')), ...(await below('test'))];
    const before = await files();
    const lines = [...pictures].map(
      ([path, content]) => `${path},${digestOf(content)},${content.length},image/png,${path.split('/')[0]}`,
    );
    const stranger = digestOf('never sent');
    const manifest = `path,sha256,bytes,mediaType,label\n${lines.join('\n')}\nrose/99.png,${stranger},10,image/png,rose\n`;
    const file = { fileName: 'objects.csv', bytes: manifest.length, body: () => manifest };
    const uploadId = await putFile(api, dataset, file);
    await expect(ingested(api, dataset, uploadId, () => {})).rejects.toMatchObject({
      name: 'CollectionObjectMissing',
      message: expect.stringContaining(stranger),
    });
    expect(await files()).toEqual(before);
    expect((await api.call(DataRoutes.listVersions, { dataset })).versions[0]).toMatchObject({ number: 4 });
  });
});
