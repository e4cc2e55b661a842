import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  datasetRef,
  datasetVersion,
  datasetVersionRef,
  latestDatasetVersion,
  readManifest,
} from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { type IngestDeps, ingestObject } from '../../lambdas/data/ingest.ts';
import { recordFailure } from '../../lambdas/data/record-failure.ts';
import { createUpload } from '../../lambdas/data/upload.ts';
import { listVersions, showDataset, showIngestion } from '../../lambdas/data/views.ts';
import { readLedger } from '../../lambdas/lineage/contract.ts';
import { verifySubject, walk } from '../../lambdas/lineage/graph.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { aSpec } from '../builders/dataset.ts';
import { lineRefinery } from '../fakes/line-refinery.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';

const AT = '2026-01-05T09:00:00.000Z';

/** What datasets, uploads and ingestions must show on every table. Each test has a workspace of its own in it. */
export function datasetStoreContract(make: () => Promise<Table>): void {
  let table: Table;
  let workspace: string;
  let deps: IngestDeps & { raw: ReturnType<typeof memoryObjects> };
  beforeEach(async () => {
    table = await make();
    workspace = `w${newId()}`;
    const zones = { raw: memoryObjects('raw'), curated: memoryObjects('curated') };
    const refinery = lineRefinery(zones);
    deps = { table, ...zones, refinery, partBytes: 1024 ** 3, prove: async () => true, clock: () => new Date() };
    await create();
  });

  const create = (spec = aSpec()) =>
    createDataset(table, { workspace, dataset: 'things', text: JSON.stringify(spec), actor: 'token-1', at: AT });
  const put = async (content: string, file = 'a.csv') => {
    const key = `${workspace}/things/2026-01-05/${newId()}/${file}`;
    await deps.raw.put(key, content);
    return { key, bytes: content.length };
  };
  const ingest = async (content: string) => ingestObject(deps, await put(content));
  const ledger = async () => (await readLedger(table, datasetRef(workspace, 'things'))).map(({ action }) => action);
  const latest = () => latestDatasetVersion(table, workspace, 'things');

  describe('datasets', () => {
    test('are made with their spec, and the ledger says so', async () => {
      expect(await showDataset(table, { workspace, dataset: 'things' })).toMatchObject({
        spec: aSpec(),
        createdAt: AT,
      });
      expect(await ledger()).toEqual(['dataset-created']);
      expect(await latest()).toBeUndefined();
    });

    test('made again with the same spec change nothing, however it is written', async () => {
      const { columns, ...rest } = aSpec();
      const reversed = Object.fromEntries(Object.entries(columns).reverse());
      await create({ ...rest, columns: reversed });
      expect(await ledger()).toEqual(['dataset-created']);
    });

    test('take another shape before their first version, and afterwards only other rules and words', async () => {
      await create(aSpec({ split: { by: 'day', testFrom: '2021-01-01' } }));
      await ingest('1\n');
      const fixed = create(aSpec({ split: { by: 'day', testFrom: '2022-01-01' } }));
      await expect(fixed).rejects.toMatchObject({
        name: 'DatasetShapeFixed',
        message: expect.stringContaining('split'),
      });
      const { columns } = aSpec();
      const other = aSpec({
        columns: { ...columns, size: { type: 'string', role: 'feature' } },
        split: { by: 'day', testFrom: '2021-01-01' },
      });
      await expect(create(other)).rejects.toMatchObject({ message: expect.stringContaining('columns.size') });
      await create(aSpec({ owner: 'others', split: { by: 'day', testFrom: '2021-01-01' } }));
      expect(await ledger()).toEqual([
        'dataset-created',
        'dataset-spec-changed',
        'dataset-version-registered',
        'dataset-spec-changed',
      ]);
    });

    test('of others are not seen', async () => {
      const elsewhere = showDataset(table, { workspace: `${workspace}x`, dataset: 'things' });
      await expect(elsewhere).rejects.toMatchObject({ name: 'DatasetMissing', kind: 'missing' });
    });
  });

  describe('a file', () => {
    test('becomes a version with manifest, profile, lineage, ledger entry and event', async () => {
      const object = await put('1\n2\n!3\n');
      const { status, ingestion } = await ingestObject(deps, object);
      const fact = await latest();
      expect({ status, ingestion }).toMatchObject({
        status: 'succeeded',
        ingestion: { version: fact?.version, number: 1, rows: 2, quarantined: 1, repeated: 0, unchanged: false },
      });
      expect(fact).toMatchObject({ dataset: 'things', number: 1, rows: 2 });
      expect(fact).not.toHaveProperty('parent');
      expect(await datasetVersion(table, workspace, 'things', fact!.version)).toEqual(fact);
      const manifest = await readManifest(deps.curated, fact!);
      expect(manifest).toMatchObject({ workspace, dataset: 'things', rows: 2, columns: aSpec().columns });
      expect(await deps.curated.head(fact!.profileKey)).toBeDefined();
      const { nodes, edges } = await walk(table, datasetVersionRef(workspace, 'things', fact!.version), {
        direction: 'upstream',
      });
      expect(edges.map(({ relation }) => relation).sort()).toEqual(['derived-from', 'version-of']);
      expect(nodes.find((node) => node.ref.startsWith('raw-object:'))?.fact).toMatchObject({
        key: object.key,
        bytes: 7,
      });
      expect(await ledger()).toEqual(['dataset-created', 'dataset-version-registered']);
      expect(await verifySubject(table, datasetRef(workspace, 'things'))).toEqual({ intact: true, entries: 2 });
    });

    test('adds to what was there, as the child of the version before', async () => {
      await ingest('1\n2\n');
      const first = await latest();
      await ingest('2\n3\n');
      const second = await latest();
      expect(second).toMatchObject({ number: 2, rows: 3, parent: first?.version });
      expect((await readManifest(deps.curated, second!)).files).toHaveLength(2);
      const { versions } = await listVersions(table, { workspace, dataset: 'things' });
      expect(versions).toEqual([second, first].map((fact) => ({ ...fact, tags: [] })));
    });

    test('that comes a second time, under whatever name, changes nothing and says so', async () => {
      await ingest('1\n2\n');
      const before = await latest();
      const { status, ingestion } = await ingest('1\n2\n');
      expect({ status, ...ingestion }).toMatchObject({
        status: 'succeeded',
        unchanged: true,
        version: before?.version,
        rows: 0,
        repeated: 2,
      });
      expect(await latest()).toEqual(before);
      expect(await ledger()).toHaveLength(2);
    });

    test('gives the same version in any order of files', async () => {
      await ingest('1\n');
      await ingest('2\n');
      const there = (await latest())?.version;
      workspace = `${workspace}y`;
      await create();
      await ingest('2\n');
      await ingest('1\n');
      expect((await latest())?.version).toBe(there);
    });

    test.each([
      ['%PDF', 'CsvUnparsable'],
      ['\n', 'FileWithoutRows'],
      ['!1\n!2\n', 'RowsAllBroken'],
      ['', 'FileZeroBytes'],
    ])('that is refused (%j: %s) leaves a named error and nothing else', async (content, name) => {
      await ingest('1\n');
      const before = await latest();
      const object = await put(content);
      const { status, ingestion, error } = await ingestObject(deps, object);
      expect({ status, error }).toMatchObject({ status: 'refused', error: { name } });
      const shown = await showIngestion(table, { workspace, dataset: 'things', uploadId: ingestion!.uploadId });
      expect(shown).toMatchObject({ status: 'refused', key: object.key, error });
      expect(await latest()).toEqual(before);
      expect(await ledger()).toHaveLength(2);
    });

    test('of which nothing can be taken still has its report', async () => {
      const { ingestion } = await ingest('!1\n!2\n');
      const report = await deps.curated.get(ingestion!.qualityKey as string);
      expect(JSON.parse(Buffer.from(report as Uint8Array).toString())).toMatchObject({
        schema: 'millrace/quality/1',
        rows: { given: 2, broken: 2 },
        counts: [{ column: 'size', rule: 'range', rows: 2 }],
        truncated: false,
      });
    });

    test('for a dataset that is not there is refused, and taken when it is told of again and the dataset is', async () => {
      const key = (await put('1\n')).key.replace('/things/', '/others/');
      await deps.raw.put(key, '1\n');
      const object = { key, bytes: 2, etag: 'e' };
      const refused = await ingestObject(deps, object);
      expect(refused).toMatchObject({ status: 'refused', error: { name: 'DatasetMissing' } });
      const text = JSON.stringify(aSpec({ dataset: 'others' }));
      await createDataset(table, { workspace, dataset: 'others', text, actor: 'token-1', at: AT });
      expect(await ingestObject(deps, object)).toMatchObject({ status: 'succeeded', error: undefined });
    });

    test('at a key that names no dataset is refused without a trace', async () => {
      const lost = await ingestObject(deps, { key: 'lost.csv', bytes: 3 });
      expect(lost).toMatchObject({ status: 'refused', error: { name: 'RawKeyInvalid' } });
      expect(lost.ingestion).toBeUndefined();
    });

    test('copied in by hand below the dataset is taken as well', async () => {
      const key = `${workspace}/things/by hand/ä.csv`;
      await deps.raw.put(key, '1\n');
      expect(await ingestObject(deps, { key, bytes: 2 })).toMatchObject({
        status: 'succeeded',
        ingestion: { rows: 1 },
      });
    });

    test('written again at its key is taken again, told apart by its version', async () => {
      const object = await put('1\n');
      await ingestObject(deps, { ...object, etag: 'one' });
      await deps.raw.put(object.key, '1\n2\n');
      expect(await ingestObject(deps, { ...object, etag: 'two' })).toMatchObject({ ingestion: { rows: 1, number: 2 } });
      expect(await ingestObject(deps, { ...object, etag: 'two' })).toMatchObject({ ingestion: { rows: 1, number: 2 } });
      expect((await latest())?.number).toBe(2);
    });
  });

  test('files that arrive at once all end up in the latest version', async () => {
    const contents = ['1\n2\n', '2\n3\n', '4\n', '4\n'];
    const outcomes = await Promise.all(contents.map(ingest));
    expect(outcomes.map(({ status }) => status)).toEqual(contents.map(() => 'succeeded'));
    const fact = await latest();
    expect(fact?.rows).toBe(4);
    expect((await verifySubject(table, datasetRef(workspace, 'things'))).intact).toBe(true);
    const changed = outcomes.filter(({ ingestion }) => !ingestion?.unchanged).length;
    expect(fact?.number).toBe(changed);
  });

  test('one arrival told several times at once is one ingestion', async () => {
    const object = { ...(await put('1\n2\n')), etag: 'e' };
    const outcomes = await Promise.all([1, 2, 3].map(() => ingestObject(deps, object)));
    expect(new Set(outcomes.map(({ ingestion }) => ingestion?.version)).size).toBe(1);
    expect(outcomes.every(({ ingestion }) => ingestion?.unchanged === false)).toBe(true);
    expect((await latest())?.number).toBe(1);
    expect(await ledger()).toHaveLength(2);
  });

  describe('an upload', () => {
    const upload = (given: { fileName?: string; bytes?: number; dataset?: string } = {}) =>
      createUpload(
        { table, presign: async (key) => ({ url: `https://raw/${key}`, headers: {} }), clock: deps.clock, newId },
        { workspace, dataset: 'things', fileName: 'a.csv', bytes: 2, ...given },
      );

    test('waits for its file, then tells what became of it', async () => {
      const { uploadId, key, url } = await upload();
      expect(url).toBe(`https://raw/${key}`);
      const shown = () => showIngestion(table, { workspace, dataset: 'things', uploadId });
      expect(await shown()).toMatchObject({ status: 'waiting', key, fileName: 'a.csv', bytes: 2 });
      await deps.raw.put(key, '1\n');
      const { createdAt } = await shown();
      await ingestObject(deps, { key, bytes: 2, etag: 'e' });
      expect(await shown()).toMatchObject({ status: 'succeeded', rows: 1, createdAt });
    });

    test.each([
      [{ dataset: 'nothing' }, 'DatasetMissing'],
      [{ fileName: '../a.csv' }, 'FileNameInvalid'],
      [{ bytes: 0 }, 'FileZeroBytes'],
      [{ bytes: 1e12 }, 'FileTooLarge'],
    ])('%j is refused: %s', async (given, name) => {
      await expect(upload(given)).rejects.toMatchObject({ name });
    });

    test('that is unknown is named', async () => {
      const shown = showIngestion(table, { workspace, dataset: 'things', uploadId: 'none' });
      await expect(shown).rejects.toMatchObject({ name: 'UploadMissing', kind: 'missing' });
    });
  });

  describe('a failure', () => {
    const error = { Error: 'Sandbox.Timedout', Cause: '{"errorType":"x","errorMessage":"it took too long"}' };

    test('is recorded with its name and message, and the file may be tried again', async () => {
      const object = await put('1\n');
      expect(await recordFailure(deps, { object, error })).toEqual({ recorded: true });
      const uploadId = object.key.split('/')[3] as string;
      expect(await showIngestion(table, { workspace, dataset: 'things', uploadId })).toMatchObject({
        status: 'failed',
        error: { name: 'Sandbox.Timedout', message: 'it took too long' },
      });
      expect(await ingestObject(deps, object)).toMatchObject({ status: 'succeeded' });
      const after = await showIngestion(table, { workspace, dataset: 'things', uploadId });
      expect(after).not.toHaveProperty('error');
    });

    test('of a worker that had done its work is none', async () => {
      const object = await put('1\n');
      await ingestObject(deps, object);
      expect(await recordFailure(deps, { object, error })).toEqual({ recorded: false });
    });
  });
}
