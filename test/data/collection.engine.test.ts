import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { objectKey } from '../../lambdas/data/collection.ts';
import { headWrite, requireDataset, specOf } from '../../lambdas/data/dataset-head.ts';
import { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { deleteVersion } from '../../lambdas/data/delete-version.ts';
import { eraseVersion } from '../../lambdas/data/erase-version.ts';
import { filePath, type Manifest, manifestKey, profileKey, versionOf } from '../../lambdas/data/manifest.ts';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';
import { verifyVersion } from '../../lambdas/data/verify-version.ts';
import { datasetVersionRef, versionRowKey } from '../../lambdas/data/versions.ts';
import { factKey } from '../../lambdas/lineage/contract.ts';
import { canonicalJson, type Digest, digestOf } from '../../lambdas/shared/digest.ts';
import type { Item } from '../../lambdas/shared/table.ts';
import { aCollectionSpec } from '../builders/collection.ts';
import { ACT, aDatasetOfSnapshots, eraseDeps, NAMED, NOW, type Stores } from '../builders/versions.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-collection-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function parquetOf(contents: readonly string[]): Promise<Buffer> {
  const rows = contents.map((text, i) => `('${i}.png', '${digestOf(text)}', ${text.length}, 'image/png')`);
  const file = join(folder, 'rows.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `COPY (SELECT * FROM (VALUES ${rows.join(', ')}) AS t(path, sha256, bytes, mediaType)) TO '${file}' (FORMAT parquet)`,
  );
  connection.closeSync();
  return readFileSync(file);
}

/** A version of a collection of these objects, as the ingestion of an object manifest leaves it. */
async function aCollectionVersion({ table, curated }: Stores, contents: readonly string[]) {
  for (const text of contents) await curated.create(objectKey(NAMED, digestOf(text)), text);
  const bytes = await parquetOf(contents);
  const sha256 = digestOf(bytes);
  const file = {
    path: filePath('train', sha256),
    split: 'train' as const,
    sha256,
    bytes: bytes.length,
    rows: contents.length,
  };
  await curated.create(`default/things/${file.path}`, bytes);
  const head = await requireDataset(table, 'default', 'things');
  const { columns, split } = await specOf(table, 'default', head.spec);
  const manifest: Manifest = {
    schema: 'millrace/manifest/1',
    ...{ ...NAMED, spec: head.spec, columns, split, files: [file], rows: file.rows },
  };
  const version: Digest = versionOf(manifest.files);
  const text = canonicalJson(manifest);
  const number = head.number + 1;
  const keys = { manifestKey: manifestKey(NAMED, version, text), profileKey: profileKey(NAMED, version) };
  await curated.create(keys.manifestKey, text);
  await curated.create(keys.profileKey, '{}');
  const fact = { dataset: 'things', version, number, spec: head.spec, rows: file.rows, ...keys, registeredAt: NOW };
  await table.transact([
    headWrite('default', head, { ...head, number, latest: version }),
    { put: { ...factKey(datasetVersionRef('default', 'things', version)), ...fact } as Item },
    { put: { ...versionRowKey('default', 'things', number), ...fact } as Item },
  ]);
}

const later = new Date(Date.parse(NOW) + 7_200_000);
async function findings({ table, curated }: Stores) {
  const found = [];
  let objects = 0;
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const deps = { table, curated, clock: () => later, budgetMs: 0 };
    const page = await verifyVersion(deps, { ...NAMED, version: 'latest', ...(cursor !== undefined && { cursor }) });
    found.push(...page.findings);
    objects += page.checked.objects;
    cursor = page.next;
  }
  return { found, objects };
}

describe('a collection of objects', () => {
  const many = Array.from({ length: 40 }, (_, i) => `picture ${i}`);

  test('is verified to the last byte of every object', async () => {
    const world = await aDatasetOfSnapshots(aCollectionSpec());
    await aCollectionVersion(world, many);
    expect(await findings(world)).toEqual({ found: [], objects: 40 });
    const key = (text: string) => objectKey(NAMED, digestOf(text));
    await world.curated.put(key('picture 39'), 'picture 38');
    world.curated.remove(key('picture 7'));
    await world.curated.put(key('a stranger'), 'a stranger');
    const { found } = await findings(world);
    expect(found.map(({ kind, key: at }) => [kind, at]).sort()).toEqual(
      [
        ['changed', key('picture 39')],
        ['missing', key('picture 7')],
        ['added', key('a stranger')],
      ].sort(),
    );
  });

  test('loses with a version the objects that no other version names', async () => {
    const world = await aDatasetOfSnapshots(aCollectionSpec());
    await aCollectionVersion(world, many);
    await aCollectionVersion(world, many.slice(10));
    await deleteVersion(world.table, { ...NAMED, ...ACT, version: '1', reason: 'old' });
    for (let outcome = 'more'; outcome === 'more'; )
      outcome = (await eraseVersion(eraseDeps(world), { ...NAMED, number: 1 })).outcome;
    const left = world.curated.keys().filter((key) => key.includes('/objects/'));
    expect(left.sort()).toEqual(
      many
        .slice(10)
        .map((text) => objectKey(NAMED, digestOf(text)))
        .sort(),
    );
    expect((await findings(world)).found).toEqual([]);
  });
});

describe('the spec of a collection', () => {
  test('of the example is one', () => {
    const text = readFileSync(join(import.meta.dirname, '../../examples/flowers/flowers.yaml'), 'utf8');
    expect(parseDatasetSpec(text).format).toEqual({ type: 'objects' });
  });

  const having = (name: string, column: DatasetSpec['columns'][string]) => ({
    columns: { ...aCollectionSpec().columns, [name]: column },
  });
  test.each<[string, Partial<DatasetSpec>]>([
    ['columns', { columns: without('bytes') }],
    ['columns.bytes.type', having('bytes', { type: 'string', role: 'ignored' })],
    ['columns.sha256.nullable', having('sha256', { type: 'string', role: 'ignored', nullable: true })],
    ['columns.path.privacy', having('path', { type: 'string', role: 'key', privacy: { action: 'pseudonym' } })],
    ['columns.path.role', having('path', { type: 'string', role: 'group' })],
    ['snapshot', { snapshot: false }],
  ])('says what is wrong at %s', (path, change) => {
    const { error } = DatasetSpec.safeParse(aCollectionSpec(change));
    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});

function without(name: string): DatasetSpec['columns'] {
  const { [name]: _left, ...columns } = aCollectionSpec().columns;
  return columns;
}
