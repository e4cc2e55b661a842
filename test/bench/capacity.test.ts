import { describe, expect, test } from '@jest/globals';
import { itemBytes, unitsOf } from '../../bench/tracking/capacity.ts';

const item = (bytes: number) => ({ pk: { S: 'p' }, b: { B: Buffer.alloc(bytes - 4).toString('base64') } });
const units = (verb: string, call: object, answer: object = {}) => unitsOf(`DynamoDB_20120810.${verb}`, call, answer);

test('an item is as large as its names and values', () => {
  expect(itemBytes(item(4096))).toBe(4096);
  expect(itemBytes({ ü: { S: 'ü' } })).toBe(4);
  expect(itemBytes({ n: { N: '1234' }, z: { N: '-0.50' }, m: { N: '100' } })).toBe(1 + 3 + (1 + 2) + (1 + 2));
  expect(itemBytes({ t: { BOOL: true }, z: { NULL: true } })).toBe(4);
  expect(itemBytes({ l: { L: [{ S: 'ab' }, { S: '' }] } })).toBe(1 + 3 + 3 + 1);
  expect(itemBytes({ m: { M: { a: { S: 'bc' } } } })).toBe(1 + 3 + 1 + 3);
});

describe('a call consumes', () => {
  const consistent = { ConsistentRead: true };

  test('a read unit for each 4 KB that it reads, half of it where it may be old', () => {
    expect(units('GetItem', consistent, { Item: item(4096) })).toEqual({ read: 1, write: 0 });
    expect(units('GetItem', consistent, { Item: item(4097) }).read).toBe(2);
    expect(units('GetItem', {}, { Item: item(4097) }).read).toBe(1);
    expect(units('GetItem', consistent).read).toBe(1);
  });

  test('for a query those of all its items together, for a batch those of each', () => {
    const items = [item(2000), item(2000), item(100)];
    expect(units('Query', consistent, { Items: items }).read).toBe(2);
    const wish = { RequestItems: { t: { Keys: [{}, {}, {}, {}], ...consistent } } };
    expect(units('BatchGetItem', wish, { Responses: { t: items } }).read).toBe(4);
  });

  test('a write unit for each KB, twice in a transaction', () => {
    expect(units('PutItem', { Item: item(1025) })).toEqual({ read: 0, write: 2 });
    expect(units('DeleteItem', {}).write).toBe(1);
    const TransactItems = [{ Put: { Item: item(1025) } }, { Put: { Item: item(10) } }, { ConditionCheck: {} }];
    expect(units('TransactWriteItems', { TransactItems }).write).toBe(8);
  });

  test('nothing that is made up', () => {
    expect(() => units('Scan', {})).toThrow('Scan: what it consumes is not known here');
    expect(() => itemBytes({ s: { SS: ['a'] } })).toThrow('SS');
  });
});
