import { PlatformError } from '../shared/errors.ts';
import { ArtifactErrors } from './artifact-errors.ts';
import { proxiedLocation } from './location.ts';

/** S3's own limit on a key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** A way of writing `.`, `/`, `\`, NUL or `%` that a second decoding would open: it was decoded once, and that is all. */
const STILL_ENCODED = /%(2e|2f|5c|00|25)/i;
/** C0 and C1 control characters, and what stands for bytes that were no UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\ufffd]/;

/**
 * The path of an artifact below a root, decoded once. What could leave the root is refused, never repaired: a path
 * that two readers could read in two ways is a hole in one of them. lib/edge/viewer-request.js has the same rules.
 */
export function artifactPath(path: string): string {
  const problem = problemOf(path);
  if (problem === undefined) return path;
  throw ArtifactErrors.ArtifactPathInvalid(`Invalid path: got ${shown(path)}, ${problem}`);
}

/** The path of a folder: empty for the root itself, and a closing slash says nothing. */
export const folderPath = (path: string | undefined): string =>
  path === undefined || path === '' ? '' : artifactPath(path.replace(/(?<=[^/])\/$/, ''));

function problemOf(path: string): string | undefined {
  if (path === '') return 'expected a path';
  if (UNPRINTABLE.test(path) || !path.isWellFormed()) return 'expected printable UTF-8 text';
  if (path.includes('\\')) return 'a backslash is not taken';
  if (STILL_ENCODED.test(path)) return 'it is encoded more than once';
  const parts = path.split('/');
  if (parts.includes('')) return 'expected a relative path without empty parts';
  if (parts.some((part) => part === '.' || part === '..')) return 'the parts . and .. are not taken';
  return undefined;
}

const shown = (path: string) => JSON.stringify(path.slice(0, 200));

/** Everything of a workspace that MLflow's clients write lies below it. */
export const workspaceRoot = (workspace: string): string => `${workspace}/mlflow`;

/** The key of what the proxied location `mlflow-artifacts:/<path>` means; `path` is checked here. */
export function keyOfPath(workspace: string, path: string): string {
  return checkedLength(`${workspaceRoot(workspace)}/${artifactPath(path)}`);
}

/** As `keyOfPath`, below a root that `rootOf` gave; with an empty path the root itself. */
export const keyBelow = (root: string, path: string): string =>
  path === '' ? root : checkedLength(`${root}/${artifactPath(path)}`);

function checkedLength(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes <= MAX_KEY_BYTES) return key;
  throw ArtifactErrors.ArtifactPathInvalid(
    `Invalid path: got one of ${bytes} bytes with its workspace, at most ${MAX_KEY_BYTES} are taken`,
  );
}

/** Where a workspace's artifacts are. */
export interface ArtifactPlace {
  workspace: string;
  bucket: string;
}

/**
 * The key prefix, without a closing slash, that an artifact URI of a run, a logged model or a version means:
 * `mlflow-artifacts:/…`, or `s3://…` in the workspace's part of the platform's own bucket.
 * @throws ArtifactLocationForeign for any other: the platform fetches nothing for others from elsewhere
 */
export function rootOf(uri: string, place: ArtifactPlace): string {
  const path = pathOf(uri, place);
  if (path !== undefined) return keyBelow(workspaceRoot(place.workspace), folderPath(path));
  throw ArtifactErrors.ArtifactLocationForeign(
    `artifact location: got ${shown(uri)}, which is not in this workspace's artifacts; read it with credentials of your own`,
  );
}

/** As `rootOf`; undefined for what it refuses. */
export function findRoot(uri: string, place: ArtifactPlace): string | undefined {
  try {
    return rootOf(uri, place);
  } catch (error) {
    if (error instanceof PlatformError && error.name in ArtifactErrors.kinds) return undefined;
    throw error;
  }
}

/** Whether `rootOf` looks for a place there. */
export const isOwnLocation = (uri: string, place: ArtifactPlace): boolean => pathOf(uri, place) !== undefined;

function pathOf(uri: string, { workspace, bucket }: ArtifactPlace): string | undefined {
  const own = `s3://${bucket}/${workspaceRoot(workspace)}/`;
  return uri.startsWith(own) ? uri.slice(own.length) : /^mlflow-artifacts:(?:\/\/)?\/(?!\/)(.*)$/s.exec(uri)?.[1];
}

/** The proxied path of a key of the workspace: what stands behind `mlflow-artifacts:/`. */
export const proxiedPath = (workspace: string, key: string): string => key.slice(workspaceRoot(workspace).length + 1);

/** How clients reach an experiment's artifacts: through the tracking URI, or with AWS credentials of their own. */
export type ArtifactAccess = 'proxied' | 's3';

/** The location of a new experiment, which its runs and logged models inherit. */
export const experimentLocation = (
  access: ArtifactAccess,
  { workspace, bucket }: ArtifactPlace,
  experimentId: string,
): string =>
  access === 's3'
    ? `s3://${bucket}/${workspaceRoot(workspace)}/${experimentId}`
    : proxiedLocation(workspace, experimentId);
