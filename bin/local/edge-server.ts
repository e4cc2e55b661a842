import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { edgeEntry, type TokenItem } from '../../lambdas/gateway/contract.ts';
import { platformUrls } from './access.ts';
import { awsClients, LOCAL_CREDENTIALS, LOCAL_REGION } from './aws-clients.ts';
import { EDGE_FILE } from './edge-address.ts';
import { viewerRequestFunction } from './edge-function.ts';
import { edgeHandler, json } from './edge-proxy.ts';

/*
 * The local cloud's stand-in for the edge: node edge-server.ts RUN_FOLDER ENDPOINT. The emulator's launcher starts it
 * and holds its standard input, so that it ends with the emulator, however that ends.
 */

const [folder = '', endpoint = ''] = process.argv.slice(2);
const BUCKET = `millrace-local-artifacts-000000000000-${LOCAL_REGION}`;
const TOKENS = 'millrace-local-tokens';

const clients = awsClients(endpoint);
const s3 = new S3Client({
  endpoint,
  region: LOCAL_REGION,
  credentials: LOCAL_CREDENTIALS,
  forcePathStyle: true,
  // The SDK would sign the checksum of an empty body into the URL.
  requestChecksumCalculation: 'WHEN_REQUIRED',
});

/** The entry as the edge's store would have it, read from the table at once: here nothing has to get anywhere. */
async function keyValue(key: string): Promise<string> {
  const [pk, sk] = key.startsWith('s-') ? ['sessions', key.slice(2)] : ['tokens', key];
  const { Item } = await clients.dynamodb.send(
    new GetItemCommand({ TableName: TOKENS, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
  );
  const value = Item && edgeEntry(unmarshall(Item) as TokenItem)?.value;
  if (value === undefined) throw new Error(`there is no key ${key}`);
  return value;
}

/** Kept once known: an address stays as long as its API, and the emulator with all of them ends with this process. */
let api: Promise<string> | undefined;
function apiAddress(): Promise<string> {
  api ??= platformUrls(clients, endpoint).then(({ control }) => `${control}/tracking`);
  // Before the platform is deployed there is none.
  api.catch(() => {
    api = undefined;
  });
  return api;
}

const handle = edgeHandler({
  decide: viewerRequestFunction({ get: keyValue }),
  api: apiAddress,
  object(method, Key) {
    const at = { Bucket: BUCKET, Key };
    if (method === 'PUT') return getSignedUrl(s3, new PutObjectCommand(at));
    return getSignedUrl(s3, method === 'HEAD' ? new HeadObjectCommand(at) : new GetObjectCommand(at));
  },
});

const server = createServer((incoming, outgoing) => {
  handle(incoming, outgoing).catch((error: Error) => {
    incoming.resume();
    if (outgoing.headersSent) return void outgoing.destroy();
    const message = `the edge's stand-in: ${error.message}`;
    json(outgoing, 503, { error_code: 'TEMPORARILY_UNAVAILABLE', name: 'ServiceUnavailable', message });
  });
});
// A file may take as long as it takes.
server.requestTimeout = 0;

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  const file = join(folder, EDGE_FILE);
  writeFileSync(`${file}.new`, `http://127.0.0.1:${port}`);
  renameSync(`${file}.new`, file);
});

process.stdin.on('end', () => process.exit(0)).resume();
