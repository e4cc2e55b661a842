import { SharedErrors } from '../shared/errors.ts';
import { bytesOf, LINK_SECONDS, missing, sendArtifact } from './artifact-bytes.ts';
import { fileInfo, folderPage } from './artifact-listing.ts';
import { folderPath, keyBelow, proxiedPath, rootOf } from './artifact-path.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { TrackingErrors } from './errors.ts';
import { int, required, text } from './fields.ts';
import { attachment, mediaTypeOf } from './media-type.ts';
import { routesOf, type TrackingRequest } from './mlflow-route.ts';

/** Where the artifacts of a run, a logged model or a version are; each throws for what is not there. */
export interface ArtifactOwners {
  run(workspace: string, runId: string): Promise<ArtifactHome>;
  loggedModel(workspace: string, modelId: string): Promise<ArtifactHome>;
  modelVersion(workspace: string, name: string, version: string): Promise<ArtifactHome>;
}
export interface ArtifactHome {
  artifactUri: string;
}

export interface RunArtifactDeps {
  artifacts: ArtifactStore;
  owners: Pick<ArtifactOwners, 'run'>;
}
export interface ModelArtifactDeps {
  artifacts: ArtifactStore;
  owners: ArtifactOwners;
}
type Zone = Pick<RunArtifactDeps, 'artifacts'>;

const ofRun = routesOf<RunArtifactDeps>();
const ofModel = routesOf<ModelArtifactDeps>();

/** What the function's own credentials, which sign a link, are sure to live. */
const MAX_LINK_SECONDS = 3600;
const UPLOAD_LINK_SECONDS = 900;

function linkSeconds(wanted: number | undefined, otherwise: number): number {
  const seconds = wanted ?? otherwise;
  if (seconds >= 1 && seconds <= MAX_LINK_SECONDS) return seconds;
  throw TrackingErrors.RequestInvalid(`expiration must be between 1 and ${MAX_LINK_SECONDS} seconds (got ${seconds}).`);
}

const placeOf = ({ artifacts }: Zone, { workspace }: TrackingRequest) => ({
  workspace,
  bucket: artifacts.bucket,
});

/** A file below a home, for a viewer: where the edge is in front, large ones stay with the page's own origin. */
function send(deps: Zone, { artifactUri }: ArtifactHome, path: string, request: TrackingRequest) {
  const root = rootOf(artifactUri, placeOf(deps, request));
  const key = keyBelow(root, path);
  const isBehindEdge = Object.keys(request.event.headers ?? {}).some((name) => /^x-forwarded-host$/i.test(name));
  return sendArtifact(deps.artifacts, key, isBehindEdge ? edgePath(request.workspace, key) : undefined);
}

const edgePath = (workspace: string, key: string) => {
  const path = proxiedPath(workspace, key).split('/').map(encodeURIComponent).join('/');
  return `${workspace === 'default' ? '' : `/t/${workspace}`}/api/2.0/mlflow-artifacts/artifacts/${path}`;
};

async function listed(
  deps: Zone,
  { artifactUri }: ArtifactHome,
  { path, token }: { path: string | undefined; token: string | undefined },
  request: TrackingRequest,
) {
  const folder = folderPath(path);
  const root = rootOf(artifactUri, placeOf(deps, request));
  const { entries, next } = await folderPage(deps.artifacts, keyBelow(root, folder), token);
  return { root_uri: artifactUri, files: entries.map((entry) => fileInfo(entry, folder)), next_page_token: next };
}

/** Artifacts by the run that they belong to. */
export const runArtifactRoutes = [
  ofRun({
    method: 'GET',
    path: '/mlflow/artifacts/list',
    access: 'read',
    input: { run_id: required(text()), path: text(), page_token: text() },
    run: async (deps, { run_id, path, page_token }, request) =>
      listed(deps, await deps.owners.run(request.workspace, run_id), { path, token: page_token }, request),
  }),
  ofRun({
    method: 'GET',
    path: '/get-artifact',
    version: 'root',
    access: 'read',
    input: { run_id: required(text()), path: required(text()) },
    run: async (deps, { run_id, path }, request) =>
      send(deps, await deps.owners.run(request.workspace, run_id), path, request),
  }),
  ofRun({
    method: 'POST',
    path: '/mlflow/upload-artifact',
    access: 'write',
    run: async (deps, _input, request) => {
      const query = request.event.queryStringParameters ?? {};
      const runId = query['run_uuid'] ?? query['run_id'];
      if (!runId) throw TrackingErrors.RequestInvalid('Request must specify run_uuid.');
      if (!query['path']) throw TrackingErrors.RequestInvalid('Request must specify path.');
      const bytes = bytesOf(request.event);
      if (bytes.length === 0) throw TrackingErrors.RequestInvalid('Request must specify data.');
      const { artifactUri } = await deps.owners.run(request.workspace, runId);
      const key = keyBelow(rootOf(artifactUri, placeOf(deps, request)), query['path']);
      await deps.artifacts.put(key, bytes, mediaTypeOf(key));
    },
  }),
  ofRun({
    method: 'POST',
    path: '/mlflow/artifacts/presigned-download-url',
    access: 'read',
    input: { run_id: required(text()), path: required(text()), expiration: int() },
    run: async (deps, { run_id, path, expiration }, request) => {
      const seconds = linkSeconds(expiration, LINK_SECONDS);
      const { artifactUri } = await deps.owners.run(request.workspace, run_id);
      const key = keyBelow(rootOf(artifactUri, placeOf(deps, request)), path);
      const found = await deps.artifacts.head(key);
      if (!found) throw missing(key);
      const as = { contentType: mediaTypeOf(key), disposition: attachment(key) };
      return { presigned_url: await deps.artifacts.presignGet(key, seconds, as), headers: {}, file_size: found.bytes };
    },
  }),
];

/** Artifacts by the logged model or version that they belong to. */
export const modelArtifactRoutes = [
  ofModel({
    method: 'GET',
    path: '/mlflow/logged-models/{model_id}/artifacts/directories',
    access: 'read',
    input: { model_id: required(text()), artifact_directory_path: text(), page_token: text() },
    run: async (deps, { model_id, artifact_directory_path, page_token }, request) =>
      listed(
        deps,
        await deps.owners.loggedModel(request.workspace, model_id),
        { path: artifact_directory_path, token: page_token },
        request,
      ),
  }),
  ofModel({
    method: 'GET',
    path: '/model-versions/get-artifact',
    version: 'root',
    access: 'read',
    input: { name: required(text()), version: required(text()), path: required(text()) },
    run: async (deps, { name, version, path }, request) =>
      send(deps, await deps.owners.modelVersion(request.workspace, name, version), path, request),
  }),
  ofModel({
    method: 'GET',
    path: '/mlflow/logged-models/{model_id}/artifacts/files',
    access: 'read',
    input: { model_id: required(text()), artifact_file_path: required(text()) },
    run: async (deps, { model_id, artifact_file_path }, request) =>
      send(deps, await deps.owners.loggedModel(request.workspace, model_id), artifact_file_path, request),
  }),
  ofModel({
    method: 'POST',
    path: '/mlflow/artifacts/presigned-upload-url',
    access: 'write',
    input: { run_id: text(), model_id: text(), path: required(text()), expiration: int() },
    run: async (deps, { run_id, model_id, path, expiration }, request) => {
      const seconds = linkSeconds(expiration, UPLOAD_LINK_SECONDS);
      if (Boolean(run_id) === Boolean(model_id)) {
        throw SharedErrors.InvalidInput('Exactly one of run_id and model_id must be provided.');
      }
      const { artifactUri } = run_id
        ? await deps.owners.run(request.workspace, run_id)
        : await deps.owners.loggedModel(request.workspace, String(model_id));
      const key = keyBelow(rootOf(artifactUri, placeOf(deps, request)), path);
      return { presigned_url: await deps.artifacts.presignPut(key, seconds), headers: {} };
    },
  }),
];
