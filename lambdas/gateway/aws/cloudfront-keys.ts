// Signs for every region at once, which this store asks for: the client finds it by its import.
import '@aws-sdk/signature-v4a';
import {
  CloudFrontKeyValueStoreClient,
  DeleteKeyCommand,
  DescribeKeyValueStoreCommand,
  PutKeyCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
import { retrying } from '../../shared/retry.ts';
import type { EdgeKeys } from '../edge-keys.ts';

/**
 * CloudFront's key-value store. It takes one change at a time, made to the state that the writer has seen; a change is
 * at every edge after some seconds.
 */
export function cloudfrontKeys(
  KvsARN: string,
  client: Pick<CloudFrontKeyValueStoreClient, 'send'> = new CloudFrontKeyValueStoreClient({}),
): EdgeKeys {
  let seen: string | undefined;
  const change = (send: (IfMatch: string) => Promise<{ ETag: string | undefined }>) =>
    retrying(
      async () => {
        const now = seen ?? (await client.send(new DescribeKeyValueStoreCommand({ KvsARN }))).ETag ?? '';
        // Whatever comes of it, only an answer says what the state is then.
        seen = undefined;
        seen = (await send(now)).ETag;
      },
      (error) => ['ConflictException', 'PreconditionFailed'].includes((error as Error).name),
    );
  return {
    put: (Key, Value) => change((IfMatch) => client.send(new PutKeyCommand({ KvsARN, Key, Value, IfMatch }))),
    async remove(Key) {
      try {
        await change((IfMatch) => client.send(new DeleteKeyCommand({ KvsARN, Key, IfMatch })));
      } catch (error) {
        if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      }
    },
  };
}
