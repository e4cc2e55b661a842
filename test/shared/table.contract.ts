import { describe, expect, test } from '@jest/globals';
import { newId } from '../../lambdas/shared/ids.ts';
import { ConditionUnmet, type Item, type Table } from '../../lambdas/shared/table.ts';

/** What every table port shows, in memory and on DynamoDB. Each test writes to partitions of its own. */
export function tableContract(name: string, open: () => Table): void {
  const partition = (): string => `contract#${newId()}`;
  const put = (pk: string, sk: string, rest: Partial<Item> = {}) => ({ put: { pk, sk, ...rest } as Item });
  const sorted = (items: readonly Item[]) => items.map(({ sk }) => sk);

  describe(`${name} as a table`, () => {
    test('an item that is not there is undefined, and so is nothing of a partition', async () => {
      const table = open();
      await expect(table.get({ pk: partition(), sk: 'fact' })).resolves.toBeUndefined();
      await expect(table.query(partition())).resolves.toEqual([]);
    });

    test('what was written is read, whatever its values are', async () => {
      const table = open();
      const item: Item = {
        pk: partition(),
        sk: 'fact',
        text: 'ünïcode 😀',
        empty: '',
        whole: 9_007_199_254_740_991,
        part: 0.1,
        large: -6.02214076e23,
        small: 5e-100,
        negative: -3,
        yes: true,
        nothing: null,
        list: [1, 'two', [3], {}],
        map: { 'a.b': { c: [] } },
      };
      await table.transact([{ put: item }]);
      await expect(table.get(item)).resolves.toEqual(item);
      await expect(table.query(item.pk)).resolves.toEqual([item]);
    });

    test('a put replaces the whole item, a remove takes it away, and removing nothing is fine', async () => {
      const table = open();
      const pk = partition();
      await table.transact([put(pk, 'fact', { a: 1, b: 2 })]);
      await table.transact([put(pk, 'fact', { a: 3 })]);
      await expect(table.get({ pk, sk: 'fact' })).resolves.toEqual({ pk, sk: 'fact', a: 3 });
      await table.transact([{ remove: { pk, sk: 'fact' } }]);
      await table.transact([{ remove: { pk, sk: 'fact' } }]);
      await expect(table.get({ pk, sk: 'fact' })).resolves.toBeUndefined();
    });

    test('bytes are read as they were written, beside values', async () => {
      const table = open();
      const item = { pk: partition(), sk: 'packed', bytes: Uint8Array.from([0, 1, 127, 128, 255]), count: 5 };
      await table.transact([{ put: item }]);
      const [read] = await table.getMany([item]);
      expect(read).toEqual(item);
      expect(Buffer.from((await table.query(item.pk))[0]?.['bytes'] as never)).toEqual(Buffer.from(item.bytes));
    });

    test('many keys are read at once, over more than one request, and those without an item are left out', async () => {
      const table = open();
      const pk = partition();
      const keys = Array.from({ length: 230 }, (_, i) => ({ pk, sk: String(i).padStart(4, '0') }));
      const there = keys.filter((_, i) => i % 2 === 0);
      for (let i = 0; i < there.length; i += 100) {
        await table.transact(there.slice(i, i + 100).map((key) => ({ put: { ...key, n: Number(key.sk) } })));
      }
      expect(sorted((await table.getMany(keys)) as Item[]).sort()).toEqual(sorted(there as Item[]));
      await expect(table.getMany([])).resolves.toEqual([]);
    });

    test('one write stands alone under its condition', async () => {
      const table = open();
      const key = { pk: partition(), sk: 'fact' };
      await table.write({ put: { ...key, revision: 1 }, when: { absent: true } });
      await expect(table.write({ put: { ...key, revision: 1 }, when: { absent: true } })).rejects.toThrow(
        ConditionUnmet,
      );
      await table.write({ put: { ...key, revision: 2 }, when: { equals: { revision: 1 } } });
      await expect(table.write({ put: { ...key, revision: 9 }, when: { equals: { revision: 1 } } })).rejects.toThrow(
        ConditionUnmet,
      );
      await expect(table.get(key)).resolves.toEqual({ ...key, revision: 2 });
      await table.write({ remove: key });
      await expect(table.get(key)).resolves.toBeUndefined();
    });

    test('what a caller does to an item afterwards does not reach the table', async () => {
      const table = open();
      const item: Item = { pk: partition(), sk: 'fact', list: [1] };
      await table.transact([{ put: item }]);
      (item['list'] as number[]).push(2);
      const read = (await table.get(item)) as Item;
      (read['list'] as number[]).push(3);
      await expect(table.get(item)).resolves.toMatchObject({ list: [1] });
    });

    describe('a query', () => {
      const someItems = async () => {
        const table = open();
        const pk = partition();
        const keys = ['a#1', 'a#2', 'a#3', 'b#1', 'b#2'];
        await table.transact([...keys].reverse().map((sk) => put(pk, sk)));
        await table.transact([put(`${pk}x`, 'a#1')]);
        return (range: Parameters<Table['query']>[1]) => table.query(pk, range).then(sorted);
      };

      test('is in the order of the sort keys, either way', async () => {
        const query = await someItems();
        await expect(query({})).resolves.toEqual(['a#1', 'a#2', 'a#3', 'b#1', 'b#2']);
        await expect(query({ descending: true })).resolves.toEqual(['b#2', 'b#1', 'a#3', 'a#2', 'a#1']);
      });

      test('takes a prefix, or both ends of an interval', async () => {
        const query = await someItems();
        await expect(query({ prefix: 'a#' })).resolves.toEqual(['a#1', 'a#2', 'a#3']);
        await expect(query({ from: 'a#2', to: 'b#1' })).resolves.toEqual(['a#2', 'a#3', 'b#1']);
        await expect(query({ from: 'a#4', to: 'a#9' })).resolves.toEqual([]);
      });

      test('goes on behind a position, whether or not something is there', async () => {
        const query = await someItems();
        await expect(query({ after: 'a#3' })).resolves.toEqual(['b#1', 'b#2']);
        await expect(query({ after: 'a#2x' })).resolves.toEqual(['a#3', 'b#1', 'b#2']);
        await expect(query({ after: 'a#3', descending: true })).resolves.toEqual(['a#2', 'a#1']);
        await expect(query({ after: 'a#1', prefix: 'a#', limit: 1 })).resolves.toEqual(['a#2']);
      });

      test('stops at its limit', async () => {
        const query = await someItems();
        await expect(query({ limit: 2 })).resolves.toEqual(['a#1', 'a#2']);
        await expect(query({ limit: 1, descending: true })).resolves.toEqual(['b#2']);
        await expect(query({ limit: 99 })).resolves.toHaveLength(5);
      });

      test('reads on where one answer of the store would end', async () => {
        const table = open();
        const pk = partition();
        const big = 'x'.repeat(300_000);
        for (const sk of ['1', '2', '3', '4', '5']) await table.transact([put(pk, sk, { big })]);
        expect(sorted(await table.query(pk))).toEqual(['1', '2', '3', '4', '5']);
        expect(sorted(await table.query(pk, { limit: 4 }))).toEqual(['1', '2', '3', '4']);
      });
    });

    describe('a transaction', () => {
      test('writes all or nothing, and names the writes whose condition did not hold', async () => {
        const table = open();
        const pk = partition();
        await table.transact([put(pk, 'there', { n: 1 })]);
        const attempt = table.transact([
          put(pk, 'first'),
          { ...put(pk, 'there', { n: 2 }), when: { absent: true } },
          put(pk, 'third'),
          { check: { pk, sk: 'gone' }, when: { present: true } },
        ]);
        await expect(attempt).rejects.toBeInstanceOf(ConditionUnmet);
        await expect(attempt).rejects.toMatchObject({ name: 'ConditionUnmet', failed: [1, 3] });
        expect(await table.query(pk)).toEqual([{ pk, sk: 'there', n: 1 }]);
      });

      test.each([
        ['absent holds for what is not there', 'gone', { absent: true }, true],
        ['absent does not hold for what is there', 'there', { absent: true }, false],
        ['present holds for what is there', 'there', { present: true }, true],
        ['present does not hold for what is not there', 'gone', { present: true }, false],
        ['equals holds for equal values', 'there', { equals: { n: 1, name: 'a' } }, true],
        ['equals holds for equal lists and maps', 'there', { equals: { list: [1, { a: null }] } }, true],
        ['equals does not hold when one value differs', 'there', { equals: { n: 1, name: 'b' } }, false],
        ['equals does not hold for what is not there', 'gone', { equals: { n: 1 } }, false],
        ['equals does not hold for an attribute that is not there', 'there', { equals: { other: 1 } }, false],
        ['lacks holds for an attribute that is not there', 'there', { equals: { n: 1 }, lacks: ['other'] }, true],
        ['lacks does not hold for one that is', 'there', { equals: { n: 1 }, lacks: ['other', 'name'] }, false],
        ['lacks does not replace what must be equal', 'there', { equals: { n: 2 }, lacks: ['other'] }, false],
      ] as const)('%s', async (_, sk, condition, holds) => {
        const table = open();
        const pk = partition();
        await table.transact([put(pk, 'there', { n: 1, name: 'a', list: [1, { a: null }] })]);
        const when = structuredClone(condition) as never;
        for (const write of [
          { check: { pk, sk }, when },
          { remove: { pk, sk }, when },
        ]) {
          const attempt = table.transact([write, put(pk, 'other')]);
          if (holds) await expect(attempt).resolves.toBeUndefined();
          else await expect(attempt).rejects.toMatchObject({ failed: [0] });
        }
      });

      test('of two writers that saw the same item one wins, and the other is told', async () => {
        const table = open();
        const pk = partition();
        await table.transact([put(pk, 'counter', { n: 0 })]);
        const addOne = async (): Promise<void> => {
          for (;;) {
            const n = (await table.get({ pk, sk: 'counter' }))?.['n'] as number;
            try {
              return await table.transact([{ ...put(pk, 'counter', { n: n + 1 }), when: { equals: { n } } }]);
            } catch (error) {
              if (!(error instanceof ConditionUnmet)) throw error;
            }
          }
        };
        await Promise.all(Array.from({ length: 8 }, addOne));
        await expect(table.get({ pk, sk: 'counter' })).resolves.toMatchObject({ n: 8 });
      });

      test('names an item once and has at most a hundred writes', async () => {
        const table = open();
        const pk = partition();
        await expect(table.transact([put(pk, 'a'), { remove: { pk, sk: 'a' } }])).rejects.toThrow();
        const many = (n: number) => Array.from({ length: n }, (_, i) => put(pk, String(i).padStart(3, '0')));
        await expect(table.transact(many(101))).rejects.toThrow();
        await table.transact(many(100));
        await expect(table.query(pk)).resolves.toHaveLength(100);
      });
    });
  });
}
