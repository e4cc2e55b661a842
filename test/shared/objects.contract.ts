import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { type ErasableObjects, jsonBytes, type ObjectStore, parseJson } from '../../lambdas/shared/objects.ts';

/** What every object port shows, in memory and on S3. Each test writes below a prefix of its own. */
export function objectsContract(name: string, open: () => ObjectStore): void {
  const prefix = (): string => `contract/${newId()}`;

  describe(`${name} as an object store`, () => {
    test('an object that is not there is undefined', async () => {
      const objects = open();
      const key = `${prefix()}/nothing`;
      await expect(objects.get(key)).resolves.toBeUndefined();
      await expect(objects.head(key)).resolves.toBeUndefined();
      await expect(objects.list(key)).resolves.toEqual([]);
    });

    test('every byte comes back as it was', async () => {
      const objects = open();
      const key = `${prefix()}/bytes`;
      const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i % 256);
      await objects.put(key, bytes);
      expect([...((await objects.get(key)) ?? [])]).toEqual([...bytes]);
      await expect(objects.head(key)).resolves.toMatchObject({ bytes: 1024 });
    });

    test('a file goes up once, and comes back with its size and digest', async () => {
      const objects = open();
      const key = `${prefix()}/file`;
      const folder = await mkdtemp(join(tmpdir(), 'millrace-objects-'));
      const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256);
      await writeFile(join(folder, 'up'), bytes);
      await expect(objects.upload(key, join(folder, 'up'))).resolves.toBe('created');
      await expect(objects.upload(key, join(folder, 'up'))).resolves.toBe('exists');
      const facts = { bytes: bytes.length, sha256: digestOf(bytes) };
      await expect(objects.download(key, join(folder, 'down'))).resolves.toEqual(facts);
      expect(digestOf(await readFile(join(folder, 'down')))).toBe(facts.sha256);
      await expect(objects.download(`${key}-not`, join(folder, 'none'))).resolves.toBeUndefined();
      await rm(folder, { recursive: true });
    });

    test('text is UTF-8, and JSON comes back as the value it was', async () => {
      const objects = open();
      const key = `${prefix()}/text`;
      await objects.put(key, 'grün 😀', 'text/plain');
      expect(Buffer.from((await objects.get(key)) as Uint8Array).toString('utf8')).toBe('grün 😀');
      await objects.put(key, jsonBytes({ a: [1] }));
      expect(parseJson((await objects.get(key)) as Uint8Array)).toEqual({ a: [1] });
    });

    test('an object of no bytes is there', async () => {
      const objects = open();
      const key = `${prefix()}/empty`;
      await objects.put(key, new Uint8Array());
      await expect(objects.head(key)).resolves.toMatchObject({ bytes: 0 });
      expect((await objects.get(key))?.length).toBe(0);
    });

    test('a put replaces, a create does not', async () => {
      const objects = open();
      const key = `${prefix()}/once`;
      await expect(objects.create(key, 'first')).resolves.toBe('created');
      await expect(objects.create(key, 'second')).resolves.toBe('exists');
      expect(Buffer.from((await objects.get(key)) as Uint8Array).toString()).toBe('first');
      await objects.put(key, 'third');
      expect(Buffer.from((await objects.get(key)) as Uint8Array).toString()).toBe('third');
    });

    test('of many that create the same object one does', async () => {
      const objects = open();
      const key = `${prefix()}/race`;
      const writers = Array.from({ length: 10 }, (_, i) => objects.create(key, `writer ${i}`));
      const answers = await Promise.all(writers);
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      const kept = Buffer.from((await objects.get(key)) as Uint8Array).toString();
      expect(kept).toBe(`writer ${answers.indexOf('created')}`);
    });

    test('keys are listed in order, below their prefix only', async () => {
      const objects = open();
      const below = prefix();
      for (const key of ['b', 'a/2', 'a/1', 'a b+c%2F', 'ä']) await objects.put(`${below}/${key}`, key);
      await objects.put(`${below}x`, 'outside');
      await expect(objects.list(`${below}/`)).resolves.toEqual(
        ['a b+c%2F', 'a/1', 'a/2', 'b', 'ä'].map((key) => `${below}/${key}`),
      );
      await expect(objects.list(`${below}/a/`)).resolves.toEqual([`${below}/a/1`, `${below}/a/2`]);
    });

    test('pages give every object once, in order, with its size', async () => {
      const objects = open();
      const below = prefix();
      const keys = ['a', 'a/1', 'a+b', 'b c', 'ä', '😀', '\ufffd'].map((key) => `${below}/${key}`);
      for (const key of keys) await objects.put(key, key);
      await objects.put(`${below}0`, 'outside');
      const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const limit of [1, 2, 3, keys.length, 1000]) {
        const found: string[] = [];
        for (let after: string | undefined, pages = 0; pages <= keys.length; pages++) {
          const page = await objects.listPage(`${below}/`, { after, limit });
          expect(page.objects.length).toBeLessThanOrEqual(limit);
          for (const { key, bytes, modifiedAt } of page.objects) {
            found.push(key);
            expect(bytes).toBe(Buffer.byteLength(key));
            expect(Math.abs(Date.now() - modifiedAt.getTime())).toBeLessThan(600_000);
          }
          after = page.next;
          if (after === undefined) break;
        }
        expect(found).toEqual(sorted);
      }
      const behind = await objects.listPage(`${below}/`, { after: `${below}/a/0 which is not there` });
      expect(behind.objects[0]?.key).toBe(`${below}/a/1`);
      await expect(objects.listPage(`${below}/none/`)).resolves.toEqual({ objects: [] });
    });

    test('a key is taken as it is, whatever stands in it', async () => {
      const objects = open();
      const below = prefix();
      for (const key of ['with space', 'a+b', 'a%20b', 'ü/😀', 'quote\'"&<>', 'trailing.']) {
        await objects.put(`${below}/${key}`, key);
        expect(Buffer.from((await objects.get(`${below}/${key}`)) as Uint8Array).toString()).toBe(key);
      }
    });
  });
}

/** What a zone that can erase shows, in memory and on a versioned bucket. */
export function erasableContract(name: string, open: () => ErasableObjects): void {
  const text = async (objects: ErasableObjects, key: string) => {
    const bytes = await objects.get(key);
    return bytes && Buffer.from(bytes).toString();
  };

  describe(`${name} as a zone that can erase`, () => {
    test('takes every version of an object away, and again is fine', async () => {
      const objects = open();
      const key = `contract/${newId()}/twice`;
      await objects.put(key, 'first');
      await objects.put(key, 'second');
      await objects.put(`${key}-other`, 'stays');
      const all = await objects.versionsBelow(key);
      expect(all).toHaveLength(3);
      const versions = all.filter((each) => each.key === key);
      await objects.erase(versions);
      await objects.erase(versions);
      await expect(objects.get(key)).resolves.toBeUndefined();
      expect((await objects.versionsBelow(key)).map((each) => each.key)).toEqual([`${key}-other`]);
      await expect(text(objects, `${key}-other`)).resolves.toBe('stays');
    });

    test('leaves a version that was written after the others were listed', async () => {
      const objects = open();
      const key = `contract/${newId()}/later`;
      await objects.put(key, 'old');
      const versions = await objects.versionsBelow(key);
      await objects.put(key, 'new');
      await objects.erase(versions);
      await expect(text(objects, key)).resolves.toBe('new');
      await expect(objects.versionsBelow(key)).resolves.toHaveLength(1);
    });

    test('shows what was erased as missing, and lets it be written again', async () => {
      const objects = open();
      const key = `contract/${newId()}/again`;
      await objects.create(key, 'first');
      await objects.erase(await objects.versionsBelow(key));
      await expect(objects.head(key)).resolves.toBeUndefined();
      await expect(objects.create(key, 'second')).resolves.toBe('created');
      await expect(text(objects, key)).resolves.toBe('second');
    });

    test('erases nothing when nothing is named', async () => {
      await expect(open().erase([])).resolves.toBeUndefined();
    });
  });
}
