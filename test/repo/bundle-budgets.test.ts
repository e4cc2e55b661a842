import { expect, test } from '@jest/globals';
import { budgetComplaints } from '../../bin/check/bundle-budgets.ts';

test('a function over its budget is named with its size', () => {
  const complaints = budgetComplaints([
    { name: 'data-api', bytes: 900_000 },
    { name: 'training-tasks', bytes: 900_001 },
  ]);
  expect(complaints).toEqual(['training-tasks: its code has 901 kB, its budget is 900']);
});

test('the code of an endpoint has a smaller one', () => {
  expect(budgetComplaints([{ name: 'endpoint-rain', bytes: 220_000 }])).toEqual([]);
  expect(budgetComplaints([{ name: 'endpoint-rain', bytes: 221_000 }])).toHaveLength(1);
});
