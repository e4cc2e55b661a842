import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { callerOf } from '../shared/caller.ts';
import { PlatformError, SharedErrors } from '../shared/errors.ts';
import { Raw, routesOf, type TrackingRequest } from './mlflow-route.ts';
import type { UiFile, UiFiles } from './ui-files.ts';
import { UI_POLICY } from './ui-policy.ts';

interface UiDeps {
  files: UiFiles;
}
const route = routesOf<UiDeps>();

/** The stock UI: one page at the tracking URI, and the files that it asks for. Both are public; what they show is not. */
export const uiRoutes = [
  route({ method: 'GET', path: '/', version: 'root', access: 'public', run: page }),
  route({
    method: 'GET',
    path: '/static-files/{file+}',
    version: 'root',
    access: 'public',
    run: async ({ files }, _input, { event, path }) => {
      const file = files.find(path['file'] ?? '');
      if (file) return answer(files, file, path['file'] ?? '', event);
      throw SharedErrors.RouteMissing(`static-files/${path['file']}: the UI has no such file`);
    },
  }),
];

/** The page itself knows nothing. Somebody without a login is sent to log in, so that its first request does not fail. */
async function page({ files }: UiDeps, _input: object, { event, workspace }: TrackingRequest): Promise<Raw> {
  const isDefault = !event.path.startsWith('/tracking/t/');
  // Its links are relative, so it works at addresses with a closing slash only. The edge's own root always has one,
  // whatever came through to here; elsewhere the query ends what would be a circle, were the slash taken on the way.
  const isEdgesRoot = isDefault && headerOf(event, 'x-forwarded-host') !== undefined;
  if (!event.path.endsWith('/') && !isEdgesRoot && event.queryStringParameters?.['page'] !== 'ui')
    return redirect(`${isDefault ? 'tracking' : encodeURIComponent(workspace)}/?page=ui`);
  if (!isLoggedIn(event)) {
    const next = isDefault ? '' : `t/${encodeURIComponent(workspace)}/`;
    return redirect(isDefault ? './login' : `../../login?next=${encodeURIComponent(next)}`);
  }
  const file = files.find('index.html');
  if (!file) throw SharedErrors.ConfigurationInvalid('the function was bundled without the UI');
  return answer(files, file, 'index.html', event);
}

function isLoggedIn(event: APIGatewayProxyEvent): boolean {
  try {
    callerOf(event);
    return true;
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'unauthenticated') return false;
    throw error;
  }
}

// A browser keeps the fragment, which is where the UI keeps its own address.
const redirect = (location: string) =>
  new Raw({ status: 302, headers: { location, 'cache-control': 'no-store' }, body: '' });

async function answer(files: UiFiles, file: UiFile, path: string, event: APIGatewayProxyEvent): Promise<Raw> {
  const accepted = headerOf(event, 'accept-encoding') ?? '';
  const isGzip = file.gzip && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);
  // Two forms of one file are two things to a cache.
  const etag = `"${file.digest}${isGzip ? '-gzip' : ''}"`;
  const headers = {
    'cache-control': isHashed(path) ? 'public, max-age=2419200, immutable' : 'no-cache',
    etag,
    vary: 'accept-encoding',
    ...(path.endsWith('.html') && { 'content-security-policy': UI_POLICY }),
  };
  const known = headerOf(event, 'if-none-match')?.split(',') ?? [];
  if (known.some((each) => each.trim().replace(/^W\//, '') === etag))
    return new Raw({ status: 304, headers, body: '' });
  const kept = await files.read(file);
  const typed = { ...headers, 'content-type': typeOf(path), ...(isGzip && { 'content-encoding': 'gzip' }) };
  if (isGzip || !file.gzip) return new Raw({ status: 200, headers: typed, body: kept });
  const bytes = gunzipSync(kept);
  // Text goes as text: in base64 the largest file would be over the 6 MB of a function's answer.
  return new Raw({ status: 200, headers: typed, body: IS_TEXT.test(typeOf(path)) ? bytes.toString('utf8') : bytes });
}

/** Bundlers put a digest into the names of most files: those never change. */
const isHashed = (path: string) => /\.[0-9a-f]{8,32}\.([a-z]+\.)*\w+$/i.test(path);

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  cjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  ttf: 'font/ttf',
  eot: 'application/vnd.ms-fontobject',
  woff: 'font/woff',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
};
const IS_TEXT = /^text\/|json$|svg/;
const typeOf = (path: string) => TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';

const headerOf = (event: APIGatewayProxyEvent, name: string): string | undefined =>
  Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
