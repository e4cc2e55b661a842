import {
  DeleteKeyCommand,
  DescribeKeyValueStoreCommand,
  PutKeyCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { cloudfrontKeys } from '../../lambdas/gateway/aws/cloudfront-keys.ts';
import { tokenRecords } from '../../lambdas/gateway/aws/token-records.ts';
import { type EdgeKeys, publishAll, publishEntry } from '../../lambdas/gateway/edge-keys.ts';
import { edgeEntry } from '../../lambdas/gateway/edge-record.ts';
import { startSession } from '../../lambdas/gateway/session.ts';
import { createToken, revokeToken } from '../../lambdas/gateway/token.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { Item } from '../../lambdas/shared/table.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const clock = () => new Date('2026-11-27T12:00:00.000Z');
const NEW = { name: 'laptop', roles: ['scientist' as const], workspaces: ['team'] };

function memoryKeys(): EdgeKeys & { stored: Map<string, string> } {
  const stored = new Map<string, string>();
  return {
    stored,
    put: async (key, value) => void stored.set(key, value),
    remove: async (key) => void stored.delete(key),
  };
}

const named = (name: string) => Object.assign(new Error(name), { name });

/** CloudFront's store, as far as its rule about the state that a writer has seen goes. */
function aStore() {
  let version = 1;
  const keys = new Map<string, string>();
  const sent: string[] = [];
  return {
    keys,
    sent,
    /** Somebody else changes it. */
    move: () => void version++,
    async send(command: unknown): Promise<{ ETag: string }> {
      if (command instanceof DescribeKeyValueStoreCommand) {
        sent.push('describe');
        return { ETag: `v${version}` };
      }
      if (command instanceof PutKeyCommand || command instanceof DeleteKeyCommand) {
        const { IfMatch, Key = '' } = command.input;
        sent.push(`${command instanceof PutKeyCommand ? 'put' : 'delete'} ${Key} ${IfMatch}`);
        if (IfMatch !== `v${version}`) throw named('ConflictException');
        if (command instanceof PutKeyCommand) keys.set(Key, command.input.Value ?? '');
        else if (!keys.delete(Key)) throw named('ResourceNotFoundException');
        return { ETag: `v${++version}` };
      }
      throw new Error('not known here');
    },
  };
}

describe('what the edge knows', () => {
  test('of a token is its hash, roles, workspaces and end, and nothing once it is revoked', async () => {
    const table = memoryTable();
    const { tokenId, token } = await createToken({ table, clock, newId }, { ...NEW, expiresInDays: 1 });
    const [item] = await table.query('tokens');
    const entry = edgeEntry(item as never);
    expect(entry?.key).toBe(tokenId);
    expect(JSON.parse(entry?.value ?? '')).toEqual({
      h: expect.stringMatching(/^[0-9a-f]{64}$/),
      r: 'scientist',
      w: 'team',
      e: clock().getTime() + 86_400_000,
    });
    expect(entry?.value).not.toContain(token.split('_')[2]);
    await revokeToken({ table, clock }, tokenId);
    expect(edgeEntry((await table.query('tokens'))[0] as never)).toEqual({ key: tokenId });
  });

  test('leaves a token out that does not fit into its store', () => {
    const workspaces = Array.from({ length: 20 }, (_, i) => `${'w'.repeat(60)}${i}`);
    expect(edgeEntry({ pk: 'tokens', sk: 't', secretHash: 'h', roles: ['scientist'], workspaces })).toEqual({
      key: 't',
    });
  });

  test('is brought there from the table, token by token and login by login', async () => {
    const table = memoryTable();
    const keys = memoryKeys();
    const { tokenId } = await createToken({ table, clock, newId }, NEW);
    const gone = await createToken({ table, clock, newId }, NEW);
    await revokeToken({ table, clock }, gone.tokenId);
    await startSession({ table, clock }, tokenId);
    await expect(publishAll({ table, keys })).resolves.toEqual({ published: 2 });
    expect([...keys.stored.keys()].sort()).toEqual([tokenId, expect.stringMatching(/^s-[0-9a-f]{64}$/)].sort());
  });

  test.each(['revoked', 'gone'])('is nothing of a token that is %s while all are brought there', async (how) => {
    const table = memoryTable();
    const keys = memoryKeys();
    const { tokenId } = await createToken({ table, clock, newId }, NEW);
    const put: EdgeKeys['put'] = async (key, value) => {
      // Between the read and the write; the table's own stream was faster.
      if (how === 'gone') await table.write({ remove: { pk: 'tokens', sk: tokenId } });
      else await revokeToken({ table, clock }, tokenId);
      await keys.remove(tokenId);
      await keys.put(key, value);
    };
    await publishAll({ table, keys: { ...keys, put } });
    expect([...keys.stored.keys()]).toEqual([]);
  });

  test('follows each change of the table, also an item that is deleted', async () => {
    const keys = memoryKeys();
    const record = (eventName: string, image: object | undefined, key: object, n: string) => ({
      eventName,
      dynamodb: { NewImage: image && marshall(image), Keys: marshall(key), SequenceNumber: n },
    });
    const key = { pk: 'tokens', sk: 't1' };
    const item = { ...key, secretHash: 'h', roles: ['scientist'], workspaces: ['*'] } as unknown as Item;
    const event = (...Records: object[]) => ({ Records }) as unknown as DynamoDBStreamEvent;
    const apply = async (...records: object[]) => {
      for (const { message } of tokenRecords(event(...records))) await publishEntry(keys, message);
    };
    await apply(
      record('INSERT', item, key, '1'),
      record('INSERT', { pk: 'other', sk: 'x' }, { pk: 'other', sk: 'x' }, '2'),
    );
    expect([...keys.stored.keys()]).toEqual(['t1']);
    await apply(record('REMOVE', undefined, key, '3'));
    expect(keys.stored.size).toBe(0);
    expect(tokenRecords(event(record('INSERT', item, key, '7'))).map(({ id }) => id)).toEqual(['7']);
  });
});

describe('CloudFront’s store', () => {
  test('is changed from the state that was seen last, which each answer says', async () => {
    const store = aStore();
    const keys = cloudfrontKeys('arn', store as never);
    await keys.put('a', '1');
    await keys.put('b', '2');
    expect(store.sent).toEqual(['describe', 'put a v1', 'put b v2']);
  });

  test('is read again where another writer was first', async () => {
    const store = aStore();
    const keys = cloudfrontKeys('arn', store as never);
    await keys.put('a', '1');
    store.move();
    await keys.put('b', '2');
    expect(store.sent.slice(2)).toEqual(['put b v2', 'describe', 'put b v3']);
    expect(store.keys.get('b')).toBe('2');
  });

  test('takes a removal twice', async () => {
    const store = aStore();
    const keys = cloudfrontKeys('arn', store as never);
    await keys.put('a', '1');
    await keys.remove('a');
    await keys.remove('a');
    expect(store.keys.size).toBe(0);
  });

  test('passes on what is no race', async () => {
    const keys = cloudfrontKeys('arn', { send: async () => Promise.reject(named('AccessDeniedException')) } as never);
    await expect(keys.put('a', '1')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
