import { bytesOf, LINK_SECONDS, missing, sendArtifact } from './artifact-bytes.ts';
import { ArtifactErrors } from './artifact-errors.ts';
import { fileInfo, wholeFolder } from './artifact-listing.ts';
import { folderPath, keyBelow, keyOfPath, workspaceRoot } from './artifact-path.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { int, list, message, required, text } from './fields.ts';
import { attachment, mediaTypeOf } from './media-type.ts';
import { routesOf, type TrackingRequest } from './mlflow-route.ts';

export interface ProxyDeps {
  artifacts: ArtifactStore;
}
const route = routesOf<ProxyDeps>();

const OBJECT = '/mlflow-artifacts/artifacts/{artifact_path+}';
const pathOf = ({ path }: TrackingRequest) => path['artifact_path'] ?? '';

/**
 * S3 takes 10,000 parts; their URLs, each with a session's token of more than a kilobyte, have to fit into one answer
 * of 6 MB.
 */
const MAX_PARTS = 2500;
/** As long as the credentials of a function are sure to live: they sign the URLs. */
const PART_SECONDS = 3600;

/** Of the file on the client's machine only the name counts, whichever way its system writes paths. */
const keyOfUpload = (request: TrackingRequest, file: string) =>
  keyOfPath(
    request.workspace,
    `${folderPath(pathOf(request))}/${file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)}`,
  );

/** MLflow's artifact proxy, `mlflow-artifacts:/…`. */
export const proxyRoutes = [
  route({
    method: 'GET',
    path: OBJECT,
    access: 'read',
    run: ({ artifacts }, _input, request) => sendArtifact(artifacts, keyOfPath(request.workspace, pathOf(request))),
  }),
  route({
    method: 'PUT',
    path: OBJECT,
    access: 'write',
    run: async ({ artifacts }, _input, request) => {
      const key = keyOfPath(request.workspace, pathOf(request));
      await artifacts.put(key, bytesOf(request.event), mediaTypeOf(key));
    },
  }),
  route({
    method: 'DELETE',
    path: OBJECT,
    access: 'write',
    run: async ({ artifacts }, _input, request) => {
      // A client that deletes a whole root closes it with a slash.
      await artifacts.remove(keyOfPath(request.workspace, folderPath(pathOf(request))));
    },
  }),
  route({
    method: 'GET',
    path: '/mlflow-artifacts/artifacts',
    access: 'read',
    input: { path: text() },
    run: async ({ artifacts }, { path }, { workspace }) => {
      const entries = await wholeFolder(artifacts, keyBelow(workspaceRoot(workspace), folderPath(path)));
      return { files: entries.map((entry) => fileInfo(entry)) };
    },
  }),
  route({
    method: 'GET',
    path: '/mlflow-artifacts/presigned/{artifact_path+}',
    access: 'read',
    run: async ({ artifacts }, _input, request) => {
      const key = keyOfPath(request.workspace, pathOf(request));
      const found = await artifacts.head(key);
      if (!found) throw missing(key);
      const as = { contentType: mediaTypeOf(key), disposition: attachment(key) };
      return { url: await artifacts.presignGet(key, LINK_SECONDS, as), headers: {}, file_size: found.bytes };
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow-artifacts/mpu/create/{artifact_path+}',
    access: 'write',
    input: { path: required(text()), num_parts: int() },
    run: async ({ artifacts }, { path, num_parts: parts = 1 }, request) => {
      const key = keyOfUpload(request, path);
      if (!(parts >= 1 && parts <= MAX_PARTS)) {
        throw ArtifactErrors.PartsInvalid(
          `num_parts: got ${parts}, expected 1 to ${MAX_PARTS}; a larger MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE makes fewer parts`,
        );
      }
      const uploadId = await artifacts.createMultipart(key, mediaTypeOf(key));
      const numbers = Array.from({ length: parts }, (_, i) => i + 1);
      const credentials = await Promise.all(
        numbers.map(async (part_number) => ({
          url: await artifacts.presignPart(key, uploadId, part_number, PART_SECONDS),
          part_number,
          headers: {},
        })),
      );
      return { upload_id: uploadId, credentials };
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow-artifacts/mpu/complete/{artifact_path+}',
    access: 'write',
    input: {
      path: required(text()),
      upload_id: required(text()),
      parts: list(message({ part_number: required(int()), etag: required(text()), url: text() })),
    },
    run: async ({ artifacts }, { path, upload_id, parts }, request) => {
      const key = keyOfUpload(request, path);
      if (parts.length === 0) throw ArtifactErrors.PartsInvalid('parts: got none, expected every part that was sent');
      await artifacts.completeMultipart(
        key,
        upload_id,
        parts.map(({ part_number, etag }) => ({ partNumber: part_number, etag })),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow-artifacts/mpu/abort/{artifact_path+}',
    access: 'write',
    input: { path: required(text()), upload_id: required(text()) },
    run: ({ artifacts }, { path, upload_id }, request) =>
      artifacts.abortMultipart(keyOfUpload(request, path), upload_id),
  }),
];
