import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { projectRoot } from './places.ts';

/** A request as CloudFront hands it to a viewer-request function. */
export interface ViewerRequest {
  method: string;
  uri: string;
  querystring: Record<string, unknown>;
  headers: Record<string, { value: string }>;
  cookies: Record<string, { value: string }>;
}

/** An answer that the function gives itself. */
export interface EdgeAnswer {
  statusCode: number;
  headers: Record<string, { value: string }>;
  body: { encoding: 'text'; data: string };
}

export type EdgeDecision = { to: 'api' | 'bucket'; request: ViewerRequest } | { to: 'viewer'; answer: EdgeAnswer };

/** The key-value store that the function reads; `get` fails where there is no such key. */
export interface EdgeKeys {
  get(key: string): Promise<string>;
}

type Handler = (event: { request: ViewerRequest }) => Promise<ViewerRequest | EdgeAnswer>;

const FILE = join(projectRoot, 'lib/edge/viewer-request.js');

/** The very function that CloudFront runs, with a stand-in for its module `cloudfront`. */
export function viewerRequestFunction(keys: EdgeKeys, file = FILE): (request: ViewerRequest) => Promise<EdgeDecision> {
  const source = readFileSync(file, 'utf8').replace(/^import .*$/gm, '');
  const factory = new Script(`(function (cf, crypto, Buffer) {${source}\nreturn handler; })`, { filename: file });
  const make = factory.runInThisContext() as (cf: object, crypto: object, buffer: typeof Buffer) => Handler;
  return async (request) => {
    let to: 'api' | 'bucket' = 'api';
    // One of its own for each request: several are under way at a time.
    const cf = {
      kvs: () => keys,
      selectRequestOriginById(id: string) {
        if (id !== 'artifacts') throw new Error(`origin: got ${id}, the distribution has api and artifacts`);
        to = 'bucket';
      },
    };
    const result = await make(cf, crypto, Buffer)({ request });
    return 'statusCode' in result ? { to: 'viewer', answer: result } : { to, request: result };
  };
}
