import type { APIGatewayProxyEvent } from 'aws-lambda';
import { SharedErrors } from '../shared/errors.ts';
import { ArtifactErrors } from './artifact-errors.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { attachment, mediaTypeOf } from './media-type.ts';
import { Raw } from './mlflow-route.ts';

/** Lambda takes and gives 6 MB at a time, in which base64 leaves so much for the bytes themselves. */
const MAX_INLINE_BYTES = 4_500_000;

/** Seconds that a link to an object is good for; by itself a client begins to use it at once. */
export const LINK_SECONDS = 300;

/** The object at `key` as an answer: its bytes, or where to fetch them when they are too many for a function. */
export async function sendArtifact(store: ArtifactStore, key: string, elsewhere?: string): Promise<Raw> {
  const found = await store.head(key);
  if (!found) throw missing(key);
  const contentType = mediaTypeOf(key);
  const disposition = attachment(key);
  if (found.bytes > MAX_INLINE_BYTES) {
    const location = elsewhere ?? (await store.presignGet(key, LINK_SECONDS, { contentType, disposition }));
    return new Raw({ status: 302, headers: { location, 'cache-control': 'no-store' } });
  }
  const body = await store.get(key);
  if (!body) throw missing(key);
  return new Raw({
    status: 200,
    headers: { 'content-type': contentType, 'content-disposition': disposition, 'cache-control': 'no-store' },
    body,
  });
}

/** Without the workspace in front: callers name paths below it. */
export const missing = (key: string) =>
  ArtifactErrors.ArtifactMissing(`No such artifact: '${key.slice(key.indexOf('/mlflow/') + '/mlflow/'.length)}'`);

/** What a client can do where the edge is not deployed, in the order of how little it takes. */
const REMEDIES =
  'set MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true and MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=4500000 ' +
  '(parts go straight to S3, MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE bytes each), ' +
  "or deploy the stage's edge, which takes files of any size, " +
  'or give the experiment an s3:// location and use AWS credentials';

/** The bytes that a request carries. */
export function bytesOf({ body, isBase64Encoded }: Pick<APIGatewayProxyEvent, 'body' | 'isBase64Encoded'>): Uint8Array {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length <= MAX_INLINE_BYTES) return bytes;
  throw SharedErrors.BodyTooLarge(
    `body: got ${bytes.length} bytes, at most ${MAX_INLINE_BYTES} pass through the API; for larger files ${REMEDIES}`,
  );
}
