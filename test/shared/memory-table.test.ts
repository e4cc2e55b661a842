import { expect, test } from '@jest/globals';
import { memoryTable } from '../fakes/memory-table.ts';
import { tableContract } from './table.contract.ts';

tableContract('the table in memory', () => memoryTable());

test('the table in memory begins with what it is given and shows all it holds', async () => {
  const item = { pk: 'a', sk: 'b', list: [1] };
  const table = memoryTable([item]);
  item.list.push(2);
  expect(table.items()).toEqual([{ pk: 'a', sk: 'b', list: [1] }]);
});
