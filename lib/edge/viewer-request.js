import cf from 'cloudfront';
import crypto from 'crypto';

// Runs in CloudFront Functions (runtime 2.0: ECMAScript 5.1 with const, let, arrow functions, templates, async) on every
// request, and in the local cloud's stand-in. docs/decisions/0025-edge.md has the table that it follows.

const OBJECT = /^(?:\/t\/([a-z0-9][a-z0-9-]{0,62}))?\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\/(.+)$/;
const WRITERS = ['scientist', 'engineer', 'operator'];
const READERS = WRITERS.concat(['approver', 'auditor']);
/** What goes on to S3; CloudFront lets nobody touch the second line. A header of S3's own could copy other objects. */
const KEPT =
  'accept content-type range if-match if-none-match if-modified-since if-unmodified-since if-range ' +
  'host content-length transfer-encoding via connection expect upgrade';
/** What the API takes of a file; more would be refused there for its size before anybody asks who sent it. */
const API_BYTES = 4500000;

async function handler(event) {
  const request = event.request;
  const object = OBJECT.exec(request.uri);
  if (!object) return toApi(request);
  const workspace = object[1] || 'default';
  // A folder is deleted with or without its closing slash.
  const path = decoded(request.method === 'DELETE' ? object[2].replace(/\/$/, '') : object[2]);
  const problem = path === undefined ? 'expected UTF-8, encoded once' : problemOf(path, workspace);
  // Whatever the method: what passes such a path on may put it right, and then it names something else.
  if (problem) {
    const shown = JSON.stringify((path === undefined ? object[2] : path).slice(0, 200));
    return refused(400, 'INVALID_PARAMETER_VALUE', 'ArtifactPathInvalid', `Invalid path: got ${shown}, ${problem}`);
  }
  if (['GET', 'HEAD', 'PUT'].indexOf(request.method) < 0) return toApi(request);

  const token = await presentedToken(request);
  if (!token) {
    return isTooLarge(request)
      ? refused(
          401,
          'UNAUTHENTICATED',
          'TokenMissing',
          'the request carries no API token that is known here; a new token takes some seconds to get here'
        )
      : toApi(request);
  }
  if (token.e && token.e <= Date.now()) {
    return refused(401, 'UNAUTHENTICATED', 'TokenExpired', `token ${token.id} has expired`);
  }
  const roles = request.method === 'PUT' ? WRITERS : READERS;
  if (!roles.some((role) => has(token.r, role))) {
    return refused(
      403,
      'PERMISSION_DENIED',
      'RoleMissing',
      `token ${token.id} has the roles ${token.r || 'none'}, this route asks for one of ${roles.join(', ')}`
    );
  }
  if (!has(token.w, '*') && !has(token.w, workspace)) {
    return refused(403, 'PERMISSION_DENIED', 'WorkspaceDenied', `token ${token.id} is not for workspace ${workspace}`);
  }
  return toBucket(request, workspace, path);
}

/** The API authenticates and answers in its own words. */
function toApi(request) {
  request.headers['x-forwarded-host'] = { value: request.headers.host ? request.headers.host.value : '' };
  return request;
}

function toBucket(request, workspace, path) {
  request.uri = `/${workspace}/mlflow/${path.split('/').map(encoded).join('/')}`;
  request.querystring = {};
  request.cookies = {};
  Object.keys(request.headers).forEach((name) => {
    if (KEPT.split(' ').indexOf(name) < 0) delete request.headers[name];
  });
  cf.selectRequestOriginById('artifacts');
  return request;
}

/** The same for every reader: S3 takes a bare plus sign for a blank. */
function encoded(part) {
  return encodeURIComponent(part).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch (_error) {
    return undefined;
  }
}

/** The rules of lambdas/tracking/artifact-path.ts; one corpus tests both. */
function problemOf(path, workspace) {
  if (/[\u0000-\u001f\u007f-\u009f\ufffd]/.test(path)) return 'expected printable UTF-8 text';
  if (path.indexOf('\\') >= 0) return 'a backslash is not taken';
  if (/%(2e|2f|5c|00|25)/i.test(path)) return 'it is encoded more than once';
  const parts = path.split('/');
  if (parts.indexOf('') >= 0) return 'expected a relative path without empty parts';
  if (parts.indexOf('.') >= 0 || parts.indexOf('..') >= 0) return 'the parts . and .. are not taken';
  if (Buffer.from(`${workspace}/mlflow/${path}`).length > 1024) return 'at most 1024 bytes are taken';
  return undefined;
}

/** The record of the token that the request proves: id, roles, workspaces, expiry. The API alone judges other requests. */
async function presentedToken(request) {
  const authorization = request.headers.authorization;
  if (authorization) {
    // A page that shows a token has to be one of this host, which is the API's to judge.
    if (request.headers.origin) return undefined;
    const parts = /^mlr_([0-9a-z]{26})_([\w-]{43})$/.exec(secretIn(authorization.value));
    if (!parts) return undefined;
    const token = await record(parts[1]);
    return token && token.h === sha256(parts[2]) ? token : undefined;
  }
  const cookie = request.cookies['__Host-millrace'];
  const session = cookie && request.method !== 'PUT' ? /^mls_([\w-]{43})$/.exec(cookie.value) : undefined;
  if (!session) return undefined;
  const login = await record(`s-${sha256(session[1])}`);
  if (!login || login.e <= Date.now()) return undefined;
  const token = await record(login.t);
  return token;
}

/** Bearer, or Basic with the token as password or alone as user. */
function secretIn(authorization) {
  const parts = /^(bearer|basic)\s+(\S+)$/i.exec(authorization.trim());
  if (!parts) return '';
  if (parts[1].toLowerCase() === 'bearer') return parts[2];
  const text = Buffer.from(parts[2], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return (colon < 0 ? '' : text.slice(colon + 1)) || (colon < 0 ? text : text.slice(0, colon));
}

async function record(key) {
  try {
    const text = await cf.kvs().get(key);
    const found = JSON.parse(text);
    found.id = key;
    return found;
  } catch (_error) {
    return undefined; // not there, or not yet
  }
}

function has(list, one) {
  return (list || '').split(',').indexOf(one) >= 0;
}

function sha256(text) {
  return crypto.createHash('sha256').update(text).digest('hex');
}

function isTooLarge(request) {
  const length = request.headers['content-length'];
  return request.method === 'PUT' && (!length || Number(length.value) > API_BYTES);
}

function refused(statusCode, code, name, message) {
  return {
    statusCode: statusCode,
    headers: {
      'content-type': { value: 'application/json' },
      'cache-control': { value: 'no-store' },
      'x-content-type-options': { value: 'nosniff' }
    },
    body: { encoding: 'text', data: JSON.stringify({ error_code: code, name: name, message: message }) }
  };
}
