import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { CURATED_PARTS, DataRoutes, type Manifest } from '../../lambdas/data/contract.ts';
import { listFilesEndpoint } from '../../lambdas/data/handlers/list-files.ts';
import { filePath, manifestKey, type SplitName, versionOf } from '../../lambdas/data/manifest.ts';
import { versionRowKey } from '../../lambdas/data/versions.ts';
import { api } from '../../lambdas/shared/api.ts';
import { canonicalJson, digestOf } from '../../lambdas/shared/digest.ts';
import type { Item } from '../../lambdas/shared/table.ts';
import { type ApiEventParts, anApiEvent } from '../builders/api-event.ts';
import { aSpec } from '../builders/dataset.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const NOW = new Date('2026-01-05T09:00:00Z');
const file = (split: SplitName, content: string) => {
  const sha256 = digestOf(content);
  return { path: filePath(split, sha256), split, sha256, bytes: content.length, rows: 2 };
};

/** The API over a dataset `things` whose one version has these files. */
async function anApi(files: Manifest['files']) {
  const curated = memoryObjects('curated');
  const { columns, split } = aSpec();
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const named = { workspace: 'default', dataset: 'things' };
  const rows = sorted.reduce((sum, each) => sum + each.rows, 0);
  const spec = digestOf('spec');
  const manifest = { schema: 'millrace/manifest/1' as const, ...named, spec, columns, split, files: sorted, rows };
  const bytes = canonicalJson(manifest);
  const version = versionOf(sorted);
  const key = manifestKey(named, version, bytes);
  await curated.put(key, bytes);
  const fact = {
    dataset: 'things',
    version,
    number: 1,
    spec,
    rows,
    manifestKey: key,
    profileKey: '',
    registeredAt: '',
  };
  const table = memoryTable([{ ...versionRowKey('default', 'things', 1), ...fact } as unknown as Item]);
  const signed: string[] = [];
  const presign = async (object: string, seconds: number) => {
    signed.push(object);
    return `https://curated.example/${object}?for=${seconds}`;
  };
  const endpoint = listFilesEndpoint.with({ table, curated, presign, clock: () => NOW });
  const lambda = api([endpoint], { logger: { info() {}, error() {} } }).lambda();
  const call = async (parts: ApiEventParts = {}) => {
    const path = '/data/datasets/things/versions/latest/files';
    const { statusCode, body } = await lambda(anApiEvent({ path, ...parts }), {} as never);
    return { status: statusCode, body: JSON.parse(body) };
  };
  return { call, signed, version };
}

describe('the files of a version', () => {
  test('are those to learn from, each behind a URL of its own', async () => {
    const [train, test1] = [file('train', 'a'), file('test', 'b')];
    const { call, signed, version } = await anApi([train, test1]);
    expect((await call()).body).toEqual({
      dataset: 'things',
      version,
      number: 1,
      columns: { day: 'date', good: 'boolean', id: 'integer', kind: 'string', seen: 'timestamp', size: 'double' },
      total: { files: 1, bytes: 1, rows: 2 },
      files: [
        {
          path: train.path,
          sha256: train.sha256,
          bytes: 1,
          rows: 2,
          url: `https://curated.example/default/things/${train.path}?for=900`,
        },
      ],
      expiresAt: '2026-01-05T09:15:00.000Z',
    });
    expect(signed).toEqual([`default/things/${train.path}`]);
  });

  test.each(['test', 'TEST', 'all', 'train,test', 'train/../test'])(
    'of the split %j are refused, and nothing is signed',
    async (split) => {
      const { call, signed } = await anApi([file('train', 'a'), file('test', 'b')]);
      expect(await call({ query: { split } })).toMatchObject({ status: 403, body: { name: 'HeldOutRefused' } });
      expect(signed).toEqual([]);
    },
  );

  test('of a version that only judges are none', async () => {
    const { call } = await anApi([file('test', 'b')]);
    expect((await call()).body).toMatchObject({ files: [], total: { files: 0, bytes: 0, rows: 0 } });
  });

  test('come in pages, each once and in order', async () => {
    const all = Array.from({ length: 1201 }, (_, i) => file('train', `row ${i}`));
    const { call, signed } = await anApi([...all, file('test', 'b')]);
    const paths: string[] = [];
    for (let after: string | undefined; ; ) {
      const { body } = await call({ query: after ? { after } : {} });
      expect(body.total).toMatchObject({ files: 1201 });
      paths.push(...body.files.map(({ path }: { path: string }) => path));
      after = body.next;
      if (!after) break;
    }
    expect(paths).toEqual(all.map(({ path }) => path).sort());
    expect(signed).toHaveLength(1201);
  });

  test.each(['operator', 'approver', 'app'])('are not for the role %s', async (roles) => {
    const { call } = await anApi([file('train', 'a')]);
    expect(await call({ caller: { roles } })).toMatchObject({ status: 403, body: { name: 'RoleMissing' } });
    expect(DataRoutes.listFiles.roles).not.toContain(roles);
  });
});

describe('the parts of the curated zone', () => {
  /** As IAM matches: `*` is any text, slashes too. */
  const matches = (pattern: string, key: string) =>
    new RegExp(`^${pattern.replace(/[.+]/g, '\\$&').replaceAll('*', '[\\s\\S]*')}$`).test(key);
  const folders = { train: 'train', heldOut: 'test', manifests: 'manifests', profiles: 'profiles', links: 'links' };
  const name = fc.oneof(fc.constantFrom(...Object.values(folders)), fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/));

  test('are apart, whatever workspaces and datasets are called', () => {
    fc.assert(
      fc.property(
        ...([name, name, fc.constantFrom(...Object.keys(folders)), fc.constantFrom('', 'month=2001-03/')] as const),
        (workspace, dataset, part, unit) => {
          const key = `${workspace}/${dataset}/${folders[part as keyof typeof folders]}/${unit}${'0'.repeat(64)}.parquet`;
          const opened = Object.entries(CURATED_PARTS).filter(([, pattern]) => matches(pattern, key));
          expect(opened.map(([each]) => each)).toEqual([part]);
        },
      ),
    );
  });
});
