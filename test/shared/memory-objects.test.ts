import { expect, test } from '@jest/globals';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { erasableContract, objectsContract } from './objects.contract.ts';

objectsContract('the object store in memory', () => memoryObjects());
erasableContract('the object store in memory', () => memoryObjects());

test('the object store in memory lists its keys and forgets what a test removes', async () => {
  const objects = memoryObjects('zone');
  await objects.put('b', '1');
  await objects.put('a', '1');
  objects.remove('b');
  expect([objects.bucket, ...objects.keys()]).toEqual(['zone', 'a']);
});
