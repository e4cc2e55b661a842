import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Manifest } from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { ingestObject } from '../../lambdas/data/ingest.ts';
import { filePath, type SplitName, versionOf } from '../../lambdas/data/manifest.ts';
import { publishTables, type SqlCatalogue } from '../../lambdas/data/publish-tables.ts';
import { linkFilesOf, type SqlTable, tableName, tablesOf, versionsTableName } from '../../lambdas/data/sql-tables.ts';
import { listDatasetVersions } from '../../lambdas/data/versions.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { aSpec } from '../builders/dataset.ts';
import { lineRefinery } from '../fakes/line-refinery.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const file = (split: SplitName, content: string, partition?: string): Manifest['files'][number] => {
  const sha256 = digestOf(content);
  const path = filePath(split, sha256, partition && `month=${partition}`);
  return { path, split, ...(partition && { partition }), sha256, bytes: 1, rows: 1 };
};
const aManifest = (files: Manifest['files'], given: Partial<Manifest> = {}): Manifest => {
  const { columns, split } = aSpec();
  const named = { workspace: 'blue-team', dataset: 'my-things' };
  return {
    schema: 'millrace/manifest/1',
    ...named,
    spec: digestOf(''),
    columns,
    split,
    files,
    rows: files.length,
    ...given,
  };
};
const tables = (manifest: Manifest, number = 3) => {
  const version = versionOf(manifest.files);
  const fact = { dataset: manifest.dataset, version, number, spec: manifest.spec, rows: 1, given: 1, qualityKey: '' };
  const keys = { manifestKey: '', profileKey: '', registeredAt: '' };
  return tablesOf({ manifest, fact: { ...fact, ...keys }, bucket: 'curated', stage: 'prod-eu' });
};
const MONTHS = { partition: { by: 'day', every: 'month' } } as const;

describe('the lists of a version', () => {
  test('name its files to learn from, and nothing that is held out', () => {
    const [a, b, held] = [file('train', 'a'), file('train', 'b'), file('test', 'c')];
    expect(linkFilesOf(aManifest([a, b, held]), 3, 'curated')).toEqual([
      {
        key: 'blue-team/my-things/links/3/files',
        content: `s3://curated/blue-team/my-things/${a.path}\ns3://curated/blue-team/my-things/${b.path}\n`,
      },
    ]);
  });

  test('are one for each unit that has rows to learn from', () => {
    const files = [file('train', 'a', '2001-01'), file('train', 'b', '2001-03'), file('test', 'c', '2001-06')];
    const lists = linkFilesOf(aManifest(files, MONTHS), 3, 'curated');
    expect(lists.map(({ key }) => key)).toEqual([
      'blue-team/my-things/links/3/_month=2001-01/files',
      'blue-team/my-things/links/3/_month=2001-03/files',
    ]);
  });

  test('are one empty list where there is nothing to learn from', () => {
    for (const given of [{}, MONTHS])
      expect(linkFilesOf(aManifest([file('test', 'c', '2001-06')], given), 1, 'curated')).toEqual([
        { key: 'blue-team/my-things/links/1/files', content: '' },
      ]);
  });

  test('have together exactly the train files of any manifest, each once', () => {
    const any = fc.uniqueArray(
      fc.record({
        content: fc.string(),
        split: fc.constantFrom<SplitName[]>('train', 'test'),
        month: fc.integer({ min: 1, max: 9 }),
      }),
      { selector: ({ content }) => content, minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(any, fc.boolean(), (parts, byMonth) => {
        const files = parts.map(({ content, split, month }) =>
          file(split, content, byMonth ? `2001-0${month}` : undefined),
        );
        const lists = linkFilesOf(aManifest(files, byMonth ? MONTHS : {}), 1, 'curated');
        const named = lists.flatMap(({ content }) => content.split('\n').filter(Boolean));
        const wanted = files
          .filter(({ split }) => split === 'train')
          .map(({ path }) => `s3://curated/blue-team/my-things/${path}`);
        expect(named.sort()).toEqual(wanted.sort());
        const [latest] = tables(aManifest(files, byMonth ? MONTHS : {}), 1);
        for (const { key } of lists) expect(`s3://curated/${key}`.startsWith(latest.location)).toBe(true);
      }),
    );
  });
});

describe('the tables of a dataset', () => {
  test('have its columns as they are stored, and say which version they show', () => {
    const columns = {
      Size: { type: 'double', role: 'feature', unit: 'mm', description: 'How large' },
      day: { type: 'date', role: 'key' },
    } as const;
    const [latest] = tables(aManifest([file('train', 'a')], { columns }));
    expect(latest).toMatchObject({
      database: 'millrace_prod_eu__blue_team',
      name: 'my_things',
      columns: [
        { name: 'size', type: 'double', comment: 'How large, in mm' },
        { name: 'day', type: 'date' },
      ],
      partitions: [],
      location: 's3://curated/blue-team/my-things/links/3/',
      parameters: { 'millrace.number': '3', EXTERNAL: 'TRUE' },
    });
    expect(latest.parameters).not.toHaveProperty(['projection.enabled']);
  });

  test('are projected by the units that there are, and by version', () => {
    const files = [file('train', 'b', '2001-03'), file('train', 'a', '2001-01'), file('test', 'c', '2001-06')];
    const [latest, versions] = tables(aManifest(files, MONTHS));
    expect(latest.partitions).toEqual([{ name: '_month', type: 'string' }]);
    expect(latest.parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection._month.type': 'enum',
      'projection._month.values': '2001-01,2001-03',
      'storage.location.template': `s3://curated/blue-team/my-things/links/3/_month=\${_month}/`,
    });
    expect(versions).toMatchObject({
      name: '_versions_of_my_things',
      partitions: [
        { name: '_version', type: 'int' },
        { name: '_month', type: 'string' },
      ],
      parameters: {
        'projection._version.range': '1,3',
        'storage.location.template': `s3://curated/blue-team/my-things/links/\${_version}/_month=\${_month}/`,
      },
    });
  });

  test('are not taken for another dataset’s', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(tableName(a)).not.toBe(versionsTableName(b));
        expect(tableName(a) === tableName(b)).toBe(a === b);
      }),
    );
  });
});

/** The SQL catalogue in memory, which keeps what it was told in order. */
function memoryCatalogue() {
  const shown = new Map<string, SqlTable>();
  const databases = new Set<string>();
  const troubles: Error[] = [];
  const catalogue: SqlCatalogue = {
    async ensureDatabase(database) {
      databases.add(database);
    },
    async advance(table) {
      const trouble = troubles.shift();
      if (trouble) throw trouble;
      expect(databases).toContain(table.database);
      const there = shown.get(table.name);
      if (there && there.number >= table.number) return 'stayed';
      shown.set(table.name, table);
      return there ? 'moved' : 'made';
    },
  };
  return { catalogue, shown, troubles };
}

describe('a registered version', () => {
  async function aDataset() {
    const table = memoryTable();
    const zones = { raw: memoryObjects('raw'), curated: memoryObjects('curated') };
    const text = JSON.stringify(aSpec());
    const workspace = 'default';
    await createDataset(table, { workspace, dataset: 'things', text, actor: 't', at: '2026-01-05T09:00:00.000Z' });
    const deps = {
      table,
      ...zones,
      refinery: lineRefinery(zones),
      partBytes: 1024 ** 3,
      prove: async () => true,
      clock: () => new Date(),
    };
    for (const [i, content] of ['1\n', '2\n', '3\n'].entries()) {
      const key = `default/things/2026-01-05/0123456789abcdefghjkmnpqr${i}/a.csv`;
      await zones.raw.put(key, content);
      await ingestObject(deps, { key, bytes: content.length });
    }
    const versions = (await listDatasetVersions(table, workspace, 'things')).reverse().map(({ version }) => version);
    const sql = memoryCatalogue();
    const publish = (version: string) =>
      publishTables(
        { table, curated: zones.curated, stage: 'prod', catalogue: sql.catalogue },
        { workspace, dataset: 'things', version },
      );
    const links = () => zones.curated.keys().filter((key) => key.includes('/links/'));
    return { ...sql, publish, versions, links };
  }

  test.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 1, 0, 2, 0]]])(
    'is shown whatever order the events %j come in, and the newest stays',
    async (order) => {
      const { publish, versions, shown, links } = await aDataset();
      for (const i of order) await publish(versions[i] as string);
      expect([...shown.values()].map(({ name, number }) => [name, number])).toEqual([
        ['things', 3],
        ['_versions_of_things', 3],
      ]);
      expect(links()).toEqual([1, 2, 3].map((number) => `default/things/links/${number}/files`));
    },
  );

  test('is shown after all when the catalogue was down, and when another writer came between', async () => {
    const { publish, versions, shown, troubles } = await aDataset();
    troubles.push(new Error('the catalogue is down'));
    await expect(publish(versions[2] as string)).rejects.toThrow('down');
    troubles.push(Object.assign(new Error('contended'), { name: 'TableContended' }));
    await publish(versions[2] as string);
    expect(shown.get('things')?.number).toBe(3);
  });

  test('that there is not is an error', async () => {
    const { publish } = await aDataset();
    await expect(publish(digestOf('no'))).rejects.toMatchObject({ name: 'DatasetVersionMissing' });
  });
});
