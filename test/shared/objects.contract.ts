import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { jsonBytes, type ObjectStore, parseJson } from '../../lambdas/shared/objects.ts';

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
