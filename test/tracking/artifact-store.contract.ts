import { describe, expect, test } from '@jest/globals';
import { newId } from '../../lambdas/shared/ids.ts';
import type { ArtifactStore } from '../../lambdas/tracking/artifact-store.ts';
import type { FetchUrl } from '../fakes/memory-artifacts.ts';

const MIB = 1024 ** 2;
const as = { contentType: 'text/plain', disposition: 'attachment; filename="a.txt"' };
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('utf8');

/** What every artifacts zone shows, in memory and on S3. Each test writes below a root of its own. */
export function artifactStoreContract(name: string, open: () => { store: ArtifactStore; fetchUrl: FetchUrl }): void {
  const root = () => `contract/mlflow/${newId()}`;

  describe(`${name} as an artifact store`, () => {
    test('what is not there is undefined, and lists as nothing', async () => {
      const { store } = open();
      const key = `${root()}/nothing`;
      await expect(store.head(key)).resolves.toBeUndefined();
      await expect(store.get(key)).resolves.toBeUndefined();
      await expect(store.list(key)).resolves.toEqual({ entries: [] });
    });

    test('bytes come back as they were, under names with blanks, percent signs, plus signs and umlauts', async () => {
      const { store } = open();
      const at = root();
      for (const file of ['a b.txt', '100%.txt', 'a+b.txt', 'grün/ß 😀.txt', 'q?a=b&c#d.txt']) {
        await store.put(`${at}/${file}`, bytesOf(file), 'text/plain');
        expect(textOf(await store.get(`${at}/${file}`))).toBe(file);
        await expect(store.head(`${at}/${file}`)).resolves.toMatchObject({ bytes: Buffer.byteLength(file) });
      }
    });

    test('a folder lists files with their size and folders once; a file lists as nothing', async () => {
      const { store } = open();
      const at = root();
      for (const file of ['model/MLmodel', 'model/data/a', 'model/data/b', 'models/x', 'model.txt']) {
        await store.put(`${at}/${file}`, bytesOf('12345'), 'text/plain');
      }
      const { entries } = await store.list(`${at}/model`);
      expect(entries.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
        { name: 'data', isFolder: true },
        { name: 'MLmodel', isFolder: false, bytes: 5 },
      ]);
      await expect(store.list(`${at}/model.txt`)).resolves.toEqual({ entries: [] });
    });

    test('a folder of more than a thousand entries comes in pages, each entry once', async () => {
      const { store } = open();
      const at = root();
      const names = Array.from({ length: 1005 }, (_, i) => `f${String(i).padStart(4, '0')}${i % 5 === 0 ? '/x' : ''}`);
      for (let i = 0; i < names.length; i += 15)
        await Promise.all(names.slice(i, i + 15).map((each) => store.put(`${at}/${each}`, bytesOf(''), 'text/plain')));
      const found: string[] = [];
      let after: string | undefined;
      let pages = 0;
      do {
        const page = await store.list(at, after);
        expect(page.entries.length).toBeLessThanOrEqual(1000);
        found.push(...page.entries.map((entry) => entry.name));
        after = page.next;
        pages++;
      } while (after !== undefined);
      expect(pages).toBe(2);
      expect(found.sort()).toEqual(names.map((each) => each.replace('/x', '')));
    }, 60_000);

    test('removing takes a file, or a folder with everything in it, and not its neighbours', async () => {
      const { store } = open();
      const at = root();
      const all = ['model', 'model/a', 'model/deep/b', 'model2/c', 'modelling'];
      for (const file of all) await store.put(`${at}/${file}`, bytesOf('x'), 'text/plain');
      await store.remove(`${at}/model`);
      await store.remove(`${at}/model`);
      const left = await Promise.all(all.map(async (file) => ((await store.head(`${at}/${file}`)) ? file : undefined)));
      expect(left.filter(Boolean)).toEqual(['model2/c', 'modelling']);
    });

    test('a link reads the object, whole or a range of it, as an attachment', async () => {
      const { store, fetchUrl } = open();
      const key = `${root()}/a b+c.txt`;
      await store.put(key, bytesOf('0123456789'), 'text/html');
      const url = await store.presignGet(key, 60, as);
      const whole = await fetchUrl(url);
      expect([whole.status, await whole.text()]).toEqual([200, '0123456789']);
      expect(whole.headers.get('content-disposition')).toBe(as.disposition);
      expect(whole.headers.get('content-type')).toContain('text/plain');
      const part = await fetchUrl(url, { headers: { Range: 'bytes=2-4' } });
      expect([part.status, await part.text()]).toEqual([206, '234']);
    });

    test('a link that writes, writes', async () => {
      const { store, fetchUrl } = open();
      const key = `${root()}/up.bin`;
      const { status } = await fetchUrl(await store.presignPut(key, 60), { method: 'PUT', body: bytesOf('sent') });
      expect(status).toBe(200);
      expect(textOf(await store.get(key))).toBe('sent');
    });

    test('parts become one object, also when completing is asked for again', async () => {
      const { store, fetchUrl } = open();
      const key = `${root()}/big.bin`;
      const uploadId = await store.createMultipart(key, 'application/octet-stream');
      const bodies = [new Uint8Array(5 * MIB).fill(1), new Uint8Array(3).fill(2)];
      const parts = [];
      for (const [i, body] of bodies.entries()) {
        const url = await store.presignPart(key, uploadId, i + 1, 60);
        const answer = await fetchUrl(url, { method: 'PUT', body });
        expect(answer.status).toBe(200);
        parts.push({ partNumber: i + 1, etag: answer.headers.get('etag') ?? '' });
      }
      await store.completeMultipart(key, uploadId, parts);
      await expect(store.head(key)).resolves.toMatchObject({ bytes: 5 * MIB + 3 });
      await store.completeMultipart(key, uploadId, parts);
      const others = parts.map((part) => ({ ...part, etag: `"${'0'.repeat(32)}"` }));
      await expect(store.completeMultipart(key, `${uploadId}x`, others)).rejects.toMatchObject({
        name: 'MultipartMissing',
      });
    }, 60_000);

    test('a part that was never sent is refused', async () => {
      const { store } = open();
      const key = `${root()}/big.bin`;
      const uploadId = await store.createMultipart(key, 'application/octet-stream');
      const parts = [{ partNumber: 1, etag: `"${'0'.repeat(32)}"` }];
      await expect(store.completeMultipart(key, uploadId, parts)).rejects.toMatchObject({ name: 'PartsInvalid' });
    });

    test('an upload that was given up cannot be completed, and may be given up twice', async () => {
      const { store } = open();
      const key = `${root()}/big.bin`;
      const uploadId = await store.createMultipart(key, 'application/octet-stream');
      await store.abortMultipart(key, uploadId);
      await store.abortMultipart(key, uploadId);
      const parts = [{ partNumber: 1, etag: `"${'0'.repeat(32)}"` }];
      await expect(store.completeMultipart(key, uploadId, parts)).rejects.toMatchObject({ name: 'MultipartMissing' });
    });
  });
}
