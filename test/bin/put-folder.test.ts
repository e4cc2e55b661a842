import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ApiClient } from '../../bin/client/api-client.ts';
import { sendFolder } from '../../bin/collection/put-folder.ts';
import { announceObjects } from '../../lambdas/data/announce-objects.ts';
import { objectKey } from '../../lambdas/data/collection.ts';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { missingObjects, type ProveObject, requireObjects } from '../../lambdas/data/objects-check.ts';
import { showDataset } from '../../lambdas/data/views.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { aCollectionSpec } from '../builders/collection.ts';
import { aSpec } from '../builders/dataset.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const NAMED = { workspace: 'default', dataset: 'things' };
let root = '';
let server: Server;
let curated = memoryObjects('curated');
let puts: string[] = [];

/** A zone that compares what comes with the digest that was announced, as S3 does. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'millrace-folder-'));
  curated = memoryObjects('curated');
  puts = [];
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const key = decodeURIComponent((request.url ?? '').slice(1));
    puts.push(key);
    const sum = createHash('sha256').update(body).digest('base64');
    if (sum !== request.headers['x-amz-checksum-sha256']) response.writeHead(400).end('BadDigest');
    else response.writeHead((await curated.create(key, body)) === 'created' ? 200 : 412).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  rmSync(root, { recursive: true });
  server.close();
});

function put(path: string, content: string): void {
  mkdirSync(dirname(join(root, 'images', path)), { recursive: true });
  writeFileSync(join(root, 'images', path), content);
}

const prove: ProveObject = async (key, { sha256, bytes }) => {
  const found = await curated.get(key);
  return found !== undefined && found.length === bytes && digestOf(found) === sha256;
};

/** The routes that a folder needs, over the real rules. */
async function anApi(spec = aCollectionSpec(), between: () => void = () => {}): Promise<ApiClient> {
  const table = memoryTable();
  await createDataset(table, { ...NAMED, text: JSON.stringify(spec), actor: 'a', at: '2026-01-05T00:00:00Z' });
  const presign = async (key: string, { sha256, bytes }: { sha256: string; bytes: number }) => ({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${encodeURIComponent(key)}`,
    headers: {
      'content-length': String(bytes),
      'x-amz-checksum-sha256': Buffer.from(sha256.slice(7), 'hex').toString('base64'),
    },
  });
  return {
    async call(route: unknown, input: never) {
      if (route === DataRoutes.showDataset) return showDataset(table, NAMED);
      expect(route).toBe(DataRoutes.announceObjects);
      const answer = await announceObjects({ table, prove, presign }, { ...NAMED, ...(input as object) } as never);
      between();
      return answer;
    },
  } as unknown as ApiClient;
}
const send = (api: ApiClient) => sendFolder(api, 'things', join(root, 'images'), { progress: () => {}, cache: root });

describe('a folder', () => {
  test('is sent once for each content, and its manifest names every file', async () => {
    put('rose/1.jpg', 'rose');
    put('rose/2.jpg', 'rose');
    put('tulip/a "b", c.png', 'tulip');
    const api = await anApi();
    const { manifest, sent, read } = await send(api);
    expect([sent, read]).toEqual([2, 3]);
    expect(puts.sort()).toEqual(['rose', 'tulip'].map((text) => objectKey(NAMED, digestOf(text))).sort());
    expect(manifest.split('\n')).toEqual([
      'path,sha256,bytes,mediaType,label',
      `"rose/1.jpg","${digestOf('rose')}","4","image/jpeg","rose"`,
      `"rose/2.jpg","${digestOf('rose')}","4","image/jpeg","rose"`,
      `"tulip/a ""b"", c.png","${digestOf('tulip')}","5","image/png","tulip"`,
      '',
    ]);
  });

  test('of which one file changed sends that one', async () => {
    for (const name of ['a', 'b', 'c']) put(`${name}.png`, name);
    const api = await anApi();
    await send(api);
    put('b.png', 'other');
    puts = [];
    expect((await send(api)).sent).toBe(1);
    expect(puts).toEqual([objectKey(NAMED, digestOf('other'))]);
  });

  test('whose object is there with other bytes sends it, and hears that it cannot replace them', async () => {
    put('a.png', 'a');
    await curated.put(objectKey(NAMED, digestOf('a')), 'X');
    await send(await anApi());
    // Nothing is replaced; the ingestion then refuses the row.
    const objects = [{ sha256: digestOf('a'), bytes: 1 }];
    await expect(requireObjects({ curated, prove }, 'default', { dataset: 'things' }, objects)).rejects.toMatchObject({
      name: 'CollectionObjectMissing',
      kind: 'invalid',
    });
  });

  test('of which a file changes while it is sent is refused', async () => {
    put('a.png', 'a');
    const api = await anApi(aCollectionSpec(), () => put('a.png', 'b'));
    await expect(send(api)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/a\.png changed/),
    });
    expect(curated.keys()).toEqual([]);
  });

  test('of another kind of dataset, an empty one, and one with a column that no file has are refused', async () => {
    put('a.png', 'a');
    await expect(send(await anApi(aSpec()))).rejects.toMatchObject({ name: 'DatasetNoCollection' });
    const spec = aCollectionSpec();
    spec.columns['colour'] = { type: 'string', role: 'feature' };
    await expect(send(await anApi(spec))).rejects.toThrow(/has colour, a folder gives/);
    rmSync(join(root, 'images/a.png'));
    await expect(send(await anApi())).rejects.toThrow(/a folder without files/);
  });

  test('of no bytes in a file is sent too', async () => {
    put('empty.bin', '');
    expect((await send(await anApi())).sent).toBe(1);
    expect((await curated.get(objectKey(NAMED, digestOf(''))))?.length).toBe(0);
  });
});

describe('the reference check of an object manifest', () => {
  const object = (text: string) => ({ sha256: digestOf(text), bytes: text.length });

  test('finds each content once that is not there, or has another size', async () => {
    await curated.put(objectKey(NAMED, digestOf('there')), 'there');
    const wrong = { ...object('there'), bytes: 6 };
    expect(await missingObjects(prove, NAMED, [object('there'), object('no'), object('no')])).toEqual([object('no')]);
    expect(await missingObjects(prove, NAMED, [wrong])).toEqual([wrong]);
  });

  test('does not ask for what the parent has', async () => {
    const known = new Set([digestOf('old')]);
    await expect(
      requireObjects({ curated, prove }, 'default', { dataset: 'things' }, [object('old')], known),
    ).resolves.toBeUndefined();
  });
});
